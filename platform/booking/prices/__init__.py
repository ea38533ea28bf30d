"""A therapist's page of prices: another fee, packs and discount codes of their own. Acts are those of the API."""
