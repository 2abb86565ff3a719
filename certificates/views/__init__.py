"""Pages: the register, issuing, designs, issuing bodies, and public verification."""
