"""From a card to a booking, a request or a hold: the page where a time of a list is taken. Start at `pages`; the acts are those of booking."""
