"""Who may see and do what, tried from outside."""
