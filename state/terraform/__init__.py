"""What Terraform declares: states, plans, configuration, and where they are kept."""
