"""Where a rendered digest is sent: one module a receiver."""


class NotDelivered(Exception):
    """A digest did not reach its channel, or only in part; the text says why and what to do."""
