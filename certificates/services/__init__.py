"""The deeds about certificates: issuing, correcting, revoking, verifying."""
