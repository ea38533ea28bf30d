"""A therapist as a page: what they published, which registers were checked and when, what each service costs, and when there is time.

Shows what `therapists.representations.public_page` shows and decides nothing itself: who is shown at all is `therapists.publication`'s, who may book is asked
at every door. Start reading at `pages`.
"""
