"""How reliably therapists answer requests and keep appointments, measured once a day: counts, and no word about any client."""
