"""From a card to a booking, a request or a hold."""
