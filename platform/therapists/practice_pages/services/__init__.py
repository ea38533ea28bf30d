"""The pages of a therapist's services: `pages` has the doors, `form` turns terms into the fields of a form and back."""
