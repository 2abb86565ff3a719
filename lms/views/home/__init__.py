"""What each role finds first: the work that waits for it, then figures."""
