"""Who was shown how often, and what their fit would have deserved: counts by day, without anything about the people whom they were shown to."""
