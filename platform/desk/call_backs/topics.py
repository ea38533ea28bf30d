"""What somebody may want to speak about: a closed list that says nothing about anybody's health, so that nobody has to disclose anything to be called. Pure."""

CALL_BACK = "call_back"
TOPICS = {
    CALL_BACK: "Please call me back",
    "choosing": "Help with choosing between therapists",
    "nobody_fits": "The list did not show anybody for me",
    "how_it_works": "How this works",
    "price": "What it costs, and paying",
    "times_and_formats": "Times, places and formats",
    "a_booking": "A request or an appointment of mine",
    "for_somebody_else": "Finding somebody for a person I care for",
    "other": "Something else",
}
# How a call ended. `withdrawn` and `merged` are never a person's word at the desk.
OUTCOMES = {
    "reached": "We spoke",
    "not_reached": "Nobody answered",
    "left_no_message": "No message was left",
}
ENDS = (*OUTCOMES, "withdrawn", "merged")
