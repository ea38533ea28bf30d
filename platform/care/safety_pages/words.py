"""What a safety case holds, in words for whoever was trained for it. Pure."""

from collections.abc import Mapping

# By code: what the person said or would not say, and what opened the case. No level of risk: each is told as it is.
SAID: Mapping[str, str] = {
    "thoughts": "has thoughts of ending their life, or would rather not say",
    "intent": "means to act on them, or would rather not say",
    "plan": "has thought about how or when, or would rather not say",
    "not_safe_now": "is not safe right now, or would rather not say",
    "harm_to_others": "is worried that they might seriously hurt somebody else",
    "unsafe_at_home": "is unsafe where they live, or afraid of somebody there",
    "words": "their own words made us ask",
    "item_9": "the ninth item of PHQ-9 made us ask",
    "answered_by_mistake": "says that they answered by mistake",
    "asked_for_list_together": "asked for sessions together, although one of them may have to fear it; nobody else who would take part may learn of this",
    "ask": "direct questions are open",
    "pause": "paused",
    "follow_up": "thoughts without intent: somebody follows up",
    "mistake": "says it was a mistake",
    "asked_for_help": "asked for a person",
}
LIFTED: Mapping[str, str] = {
    "safe_to_continue": "They can go on safely",
    "in_other_care": "Somebody else takes care of them as well",
    "false_alarm": "It was a mistake",
}
