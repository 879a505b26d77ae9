"""Everything that leaves by mail: from an event to one message per recipient, sent once."""
