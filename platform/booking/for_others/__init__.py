"""The desk's pages for appointments of others: look somebody's up, book one for them, move one or call it off. The acts are those of `booking.on_behalf`."""
