"""What comes in and goes out at the doors of matching."""

from marshmallow import fields, validate

from accounts.address import LONGEST
from accounts.schemas import EmailAddress
from care.nearby_help_schemas import NearbyHelpSchema
from core.http import Instant, MoneyField, PublicId, Schema, Text, page_schema
from matching.explanation import FIT_WORDS, ROLE_WORDS, WORDS_OF_STATE
from matching.questionnaire import SCREENS
from matching.safety import DIRECT_QUESTIONS, Outcome
from matching.shortlist import TEXTS
from matching.weights import EMPHASES
from therapists.representations import TherapistBadgeSchema

SCREEN_NAMES = [screen.name for screen in SCREENS]
PRIORITIES = ["must", "strong", "nice"]


def _words(**options: object) -> fields.List[str]:
    return fields.List(fields.String(), required=True, **options)  # type: ignore[arg-type]


class BeginIntakeSchema(Schema):
    consent_text_version = fields.String(
        validate=validate.Length(1, 40),
        metadata={"description": "The version of the consent text for matching that the person has read and agreed to. Nothing is stored before."},
    )


class ScreenAnswersSchema(Schema):
    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 40)),
        required=True,
        metadata={"description": "Field names of this screen and their answers, as GET /intakes/questions describes them. They replace the screen."},
    )


class AdoptSchema(Schema):
    these_answers_are_mine = fields.Boolean(required=True, truthy={True}, falsy={False})


class MailLinkSchema(Schema):
    email = EmailAddress(allow_none=True, load_default=None)


class LinkSecretSchema(Schema):
    token = fields.String(required=True, validate=validate.Length(1, 200))


class AskForPersonSchema(Schema):
    reach_by = fields.String(required=True, validate=validate.OneOf(["mail", "phone"]))
    contact = Text(required=True, longest=LONGEST)
    message_is_safe = fields.Boolean(required=True, truthy={True}, falsy={False}, metadata={"description": "May a message be left there?"})
    words = Text(longest=2000, lines=True, empty=True)
    therapist_id = PublicId(metadata={"description": "Somebody whose waitlist they want to be on."})


class GateSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf([outcome.value for outcome in Outcome]))
    ask = fields.List(fields.String(validate=validate.OneOf(["thoughts", *DIRECT_QUESTIONS])), required=True)


class IntakeSchema(Schema):
    id = PublicId(required=True)
    started_at = Instant(required=True)
    closes_at = Instant(required=True, allow_none=True, metadata={"description": "When this browser loses its way in; null when signed in."})
    belongs_to_account = fields.Boolean(required=True)
    revision = fields.Integer(required=True)
    answers = fields.Dict(required=True)
    missing = _words(metadata={"description": "Fields that a first list still needs, in the order of the screens."})
    next_screen = fields.String(required=True, allow_none=True, validate=validate.OneOf(SCREEN_NAMES))
    gate = fields.Nested(GateSchema, required=True)
    crisis_help = fields.Nested(NearbyHelpSchema, required=True, allow_none=True)


class QuestionSchema(Schema):
    name = fields.String(required=True)
    kind = fields.String(required=True)
    label = fields.String(required=True)
    required = fields.Boolean(required=True)
    options = _words(metadata={"description": "Possible values of a small closed list; long lists are named by `list`."})
    list = fields.String(required=True, allow_none=True, metadata={"description": "A list of /api/v1/taxonomy."})
    most = fields.Integer(required=True)
    longest = fields.Integer(required=True)


class ScreenSchema(Schema):
    name = fields.String(required=True, validate=validate.OneOf(SCREEN_NAMES))
    title = fields.String(required=True)
    refinement = fields.Boolean(required=True)
    fields_ = fields.List(fields.Nested(QuestionSchema), required=True, data_key="fields", attribute="fields")


class QuestionsSchema(Schema):
    consent_text_version = fields.String(required=True)
    screens = fields.List(fields.Nested(ScreenSchema), required=True)


class MatchReasonSchema(Schema):
    """One dimension. The contributions of a card add up to its score."""

    dimension = fields.String(required=True)
    label = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(WORDS_OF_STATE)))
    contribution = fields.Float(required=True)
    share = fields.Float(required=True)
    weight = fields.Float(required=True)
    sentences = _words()


class MatchServiceSchema(Schema):
    service_id = PublicId(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["consultation", "session"]))
    unit = fields.String(required=True)
    mode = fields.String(required=True)
    town = fields.String(required=True, allow_none=True)
    minutes = fields.Integer(required=True)
    fee = MoneyField(required=True)
    booking_mode = fields.String(required=True, validate=validate.OneOf(["instant", "request"]))
    booking_text = fields.String(required=True, metadata={"description": "Book now, or within how long a request is usually answered."})
    next_openings = fields.List(Instant(), required=True)


class MatchCardSchema(Schema):
    position = fields.Integer(required=True)
    role = fields.String(
        required=True,
        validate=validate.OneOf(list(ROLE_WORDS)),
        metadata={"description": "Why the card stands there: by fit; as the one different approach; or somebody new who is shown now and then."},
    )
    role_text = fields.String(required=True, allow_none=True)
    therapist_id = PublicId(required=True)
    display_name = fields.String(required=True)
    headline = fields.String(required=True)
    country = fields.String(required=True)
    fit = fields.String(required=True, validate=validate.OneOf(list(FIT_WORDS)))
    fit_text = fields.String(required=True)
    score = fields.Float(required=True, metadata={"description": "0 to 1: the sum of the contributions. How much of what was asked for is met, no promise."})
    reasons = fields.List(fields.Nested(MatchReasonSchema), required=True)
    fee = MoneyField(required=True, metadata={"description": "The lowest fee that this person qualifies for."})
    usual_fee = MoneyField(required=True)
    collection_words = fields.String(required=True, allow_none=True, metadata={"description": "How sessions are paid; null while nothing is set up."})
    answers_within_hours = fields.Integer(required=True, metadata={"description": "Their promise."})
    usually_answers_within_hours = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Four in five of their answers came within so many hours; null with fewer than five."}
    )
    services = fields.List(fields.Nested(MatchServiceSchema), required=True)
    badges = fields.List(fields.Nested(TherapistBadgeSchema), required=True)


MatchCardPageSchema = page_schema(MatchCardSchema)


class RelaxSchema(Schema):
    """If this one wish were no must, so many therapists would be on the list."""

    wish = fields.String(required=True)
    code = fields.String(required=True)
    text = fields.String(required=True)
    count = fields.Integer(required=True)


class WaitingSchema(Schema):
    therapist_id = PublicId(required=True)
    display_name = fields.String(required=True)


class OtherServiceSchema(Schema):
    name = fields.String(required=True)
    how = fields.String(required=True)


class ReferralSchema(Schema):
    """Why there is no list, and what to do next. `reason` and `next` are for the person, in plain words."""

    code = fields.String(required=True)
    reason = fields.String(required=True)
    next = _words()
    services = fields.List(fields.Nested(OtherServiceSchema), required=True)
    a_person_helps = fields.Boolean(required=True, metadata={"description": "Somebody at the desk has been told."})


class ShortlistSchema(Schema):
    id = PublicId(required=True)
    made_at = Instant(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(TEXTS)))
    text = fields.String(required=True)
    referral = fields.Nested(ReferralSchema, required=True, allow_none=True)
    notes = _words(metadata={"description": "What nobody on the list can give although it was asked for."})
    answers_changed = fields.Boolean(required=True, metadata={"description": "The answers changed since; ask for a new shortlist."})
    weights_version = fields.String(required=True)
    taxonomy_version = fields.String(required=True)
    cards = fields.List(fields.Nested(MatchCardSchema), required=True)
    eligible_count = fields.Integer(required=True)
    relax = fields.List(fields.Nested(RelaxSchema), required=True)
    waiting = fields.List(fields.Nested(WaitingSchema), required=True, metadata={"description": "Fit, but are full; they keep a waitlist."})
    crisis_help = fields.Nested(NearbyHelpSchema, required=True, allow_none=True)
    low_cost_help = _words()


class AskedForPersonSchema(Schema):
    detail = fields.String(required=True)
    crisis_help = fields.Nested(NearbyHelpSchema, required=True)


class PolicyDimensionSchema(Schema):
    name = fields.String(required=True)
    label = fields.String(required=True)
    weight = fields.Float(required=True, metadata={"description": "What it weighs by default, once nothing holds it back."})
    weight_now = fields.Float(required=True, metadata={"description": "What it weighs today."})
    plain = fields.String(required=True)
    waits_for = fields.String(required=True, allow_none=True)


class FitWordSchema(Schema):
    word = fields.String(required=True)
    lowest_score = fields.Float(required=True)


class PolicyGateSchema(Schema):
    code = fields.String(required=True)
    plain = fields.String(required=True)
    can_give_way = fields.Boolean(required=True, metadata={"description": "A wish of yours. The law, the register and safety never give way."})


class SlateRuleSchema(Schema):
    name = fields.String(required=True)
    plain = fields.String(required=True)
    moves_at_most = fields.Float(required=True, metadata={"description": "On the scale of the score, 0 to 1."})


class SlatePolicySchema(Schema):
    """From the order of the fit to the cards."""

    most_cards = fields.Integer(required=True)
    first_card_loses_at_most = fields.Float(required=True)
    other_cards_lose_at_most = fields.Float(required=True)
    days_of_attention = fields.Integer(required=True)
    rules = fields.List(fields.Nested(SlateRuleSchema), required=True)
    everybody = fields.String(required=True)


class RankingPolicySchema(Schema):
    version = fields.String(required=True)
    taxonomy_version = fields.String(required=True)
    gates = fields.List(fields.Nested(PolicyGateSchema), required=True, metadata={"description": "Who is on a list at all."})
    formula = fields.String(required=True)
    dimensions = fields.List(fields.Nested(PolicyDimensionSchema), required=True)
    choices = fields.String(required=True)
    emphases = fields.Dict(keys=fields.String(validate=validate.OneOf(list(EMPHASES))), values=fields.Float(), required=True)
    strengths = fields.Dict(keys=fields.String(validate=validate.OneOf(PRIORITIES)), values=fields.Float(), required=True)
    words = fields.List(fields.Nested(FitWordSchema), required=True)
    unknown_counts_as = fields.Float(required=True)
    ties = fields.String(required=True)
    slate = fields.Nested(SlatePolicySchema, required=True)
    payment = fields.String(required=True)
    never_counts = _words()
