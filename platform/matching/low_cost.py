"""Help that costs little, told whenever nobody fits. Help that is there right now: `care.nearby_help`."""

LOW_COST = (
    "Public health services and family doctors can refer people to therapy that costs nothing or little.",
    "Training institutes and universities run clinics with low fees, where trainees work under supervision.",
    "Charities for a certain problem or group often offer talks, groups or therapy for free.",
    "Many therapists keep a few places with a lower fee: say that you need one, and the list counts it.",
)
