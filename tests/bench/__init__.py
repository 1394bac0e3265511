"""What a scan costs: a stand-in for AWS of any size, and the scanner measured against it."""
