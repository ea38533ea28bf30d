"""The pages on which somebody chooses a time of one service: when it is free, and one time with its price and terms. A therapist's page leads here."""
