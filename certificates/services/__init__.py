"""Actions on certificates: issue, correct, revoke, sign, verify."""
