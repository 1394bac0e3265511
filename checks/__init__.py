"""What good looks like: rules over one resource and its neighbours."""
