"""What people say of the cards of a shortlist, the ones they did not choose included: for me, or not for me and perhaps why.

Kept sealed with the shortlist, whose slate says where each card stood and with which propensity, so that it can be measured later; it goes with the answers.
No ranking reads it; `flask --app wsgi card-feedback` counts it (`evaluate`), never of few people. Start reading at `give`.
"""
