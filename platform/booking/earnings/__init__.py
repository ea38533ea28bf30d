"""A therapist's page of money: how they are paid, what they are owed, each payout and why it waits, what receipts say of them. Acts are those of the API."""
