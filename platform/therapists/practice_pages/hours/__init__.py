"""The pages of when a therapist works: schedules, exceptions, time off and limits. `pages` has the doors, `form` reads and writes what people type."""
