"""AWS as a scan sees it: accounts, regions, clients, calls, collectors."""
