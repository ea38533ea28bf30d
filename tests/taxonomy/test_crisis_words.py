"""Words that make us ask the plain question, in three languages; and the same words when they say something else. Never a score, never what was written."""

import json
from pathlib import Path

import pytest

from taxonomy.crisis_words import asks_about_safety

QUESTIONS = Path(__file__).parents[3] / "shared" / "data" / "questions" / "counselchat_questions.jsonl"

ASKS = {
    "en plain": [
        "I want to kill myself.",
        "I have been thinking about suicide a lot",
        "I'm suicidal",
        "honestly I'd be better off dead",
        "They would all be better off without me.",
        "I don't want to live anymore",
        "I do not want to be here any more",
        "I just want to go to sleep and not wake up",
        "I wish I was never born, I wish I were dead",
        "there is no reason to live",
        "I’m so tired of living",
        "I can't go on",
        "I cut my wrists last night",
        "I keep hurting myself",
        "I took all my pills",
        "sometimes I think about jumping in front of a train",
        "I WANT TO DIE",
        "I am planning to end my life",
        "I have a plan to die",
        "ending it all would be easier",
        "kms",
        "i feel sucidal",
        "I'm afraid that I will hurt my baby",
        "I have urges to stab someone",
    ],
    "en past": [
        "I tried to kill myself when I was sixteen.",
        "Years ago I took an overdose",
        "I used to be suicidal",
        "I was self-harming until last spring",
    ],
    "en negated and yet": [
        "I don't want to die but I can't go on like this",
        "I'm not suicidal right now",
        "I am not suicidal anymore",
        "I don't want to kill myself, but sometimes I think it would be easier",
        "I don't know if I want to kill myself. I might.",
    ],
    "en beside a death": [
        "My father died by suicide and now I want to die too",
        "Since my brother's suicide I wish I had died",
        "My friend killed himself. I want to follow him to the grave",
    ],
    "en quoted oneself": ['I keep telling myself "just kill yourself" and "I want to die"', 'I wrote "I want to kill myself" in my diary'],
    "es plain": [
        "Quiero morir",
        "quiero suicidarme",
        "He pensado en el suicidio",
        "Ya no quiero vivir",
        "no tengo ganas de vivir",
        "estarían mejor sin mí",
        "Pienso en matarme",
        "me quiero matar",
        "a veces pienso en quitarme la vida",
        "me corto los brazos",
        "ojalá no despertara",
        "Ojalá estuviera muerta",
        "no encuentro razones para seguir viviendo",
        "QUIERO MORIRME",
        "tengo miedo de hacerle daño a mi hijo",
    ],
    "es past": ["Hace años intenté suicidarme", "Cuando era joven me quise matar", "hace tiempo me hacía daño, me hice cortes"],
    "es negated and yet": [
        "No quiero morir, pero no quiero seguir viviendo así",
        "no pienso suicidarme ahora",
        "No quiero matarme, aunque a veces lo pienso",
    ],
    "es beside a death": ["Mi hermano se suicidó y yo quiero morirme", "Desde el suicidio de mi padre no quiero vivir"],
    "es quoted oneself": ["Me digo siempre «quiero morirme»"],
    "de plain": [
        "Ich will sterben",
        "Ich möchte nicht mehr leben",
        "ich denke an Suizid",
        "Ich will mich umbringen",
        "ich bringe mich um",
        "Manchmal wünschte ich, ich wäre tot",
        "ohne mich wären alle besser dran",
        "ich ritze mich",
        "Ich habe Selbstmordgedanken",
        "Ich will mir das Leben nehmen",
        "ich will einfach nicht mehr aufwachen",
        "Ich habe keinen Grund mehr zu leben",
        "ICH MÖCHTE STERBEN",
        "ich moechte sterben",
        "ich will meinem Leben ein Ende setzen",
        "Ich habe Angst, dass ich meine Kinder umbringen könnte",
    ],
    "de past": ["Vor zehn Jahren habe ich versucht, mich umzubringen", "Ich habe mich früher geritzt", "Damals hatte ich Suizidgedanken"],
    "de negated and yet": [
        "Ich bin nicht suizidal, aber ich will nicht mehr leben",
        "Ich will mich nicht umbringen, aber manchmal denke ich daran",
        "Im Moment bin ich gerade nicht suizidal",
    ],
    "de beside a death": ["Mein Bruder hat sich umgebracht und ich will auch sterben", "Seit dem Suizid meines Vaters will ich nicht mehr leben"],
    "de quoted oneself": ["Ich sage mir oft „ich will sterben“"],
}
ASKS_NOT = {
    "en nothing of the kind": [
        "I feel low and cannot sleep.",
        "My relationship ended and I miss her.",
        "I want to live abroad",
        "",
        "Work is too much and I cry a lot",
    ],
    "en bereaved by suicide": [
        "My father died by suicide last year.",
        "I lost my brother to suicide and I cannot stop crying.",
        "My best friend killed herself in March",
        "I am grieving after the suicide of my partner",
        "Since my husband's suicide I have been alone",
        "My mother committed suicide when I was nine",
        "Our son took his own life",
        "I look for a group for people bereaved by suicide",
        "my cousin died of an overdose",
    ],
    "en negated": [
        "I am not suicidal.",
        "I have no suicidal thoughts",
        "I would never hurt myself",
        "I have never thought about suicide",
        "I don't want to die.",
        "I don't want to kill myself, I want help.",
        "No thoughts of self-harm",
        "I do not want to hurt anyone",
        "I would never hurt my children",
    ],
    "en quoted somebody else": [
        'My ex said "I will kill myself if you leave".',
        "He told me: “I want to die without you”",
        '"I want to kill myself", my sister wrote that to her teacher',
        "My mother always says 'I'll end it all' when we argue",
    ],
    "en figure of speech": [
        "My commute is killing me",
        "I was dying to meet her",
        "We nearly killed ourselves laughing",
        "I killed myself laughing",
        "I could have died of embarrassment",
        "I wanted to die of embarrassment at the party",
        "Speaking up would be career suicide",
        "I watched Suicide Squad with my kids",
        "It felt like a suicide mission",
        "I could kill for a coffee",
        "I hurt myself running and cannot train",
        "I cut myself shaving",
        "I'm afraid of dying on a plane",
        "In the panic attack I thought I was going to die",
        "I want to take my life back",
        "I am burning myself out at work",
        "he will kill me if I am late again",
    ],
    "es bereaved by suicide": [
        "Mi padre se suicidó hace un año",
        "Mi hermana se quitó la vida",
        "Estoy en duelo por el suicidio de mi hijo",
        "Perdí a mi amigo por suicidio",
        "su suicidio nos dejó sin palabras",
    ],
    "es negated": [
        "No quiero morir",
        "nunca me haría daño",
        "No tengo pensamientos suicidas",
        "no pienso suicidarme",
        "No soy suicida",
        "jamás he pensado en suicidarme",
    ],
    "es quoted somebody else": ["Mi ex me dijo «quiero morirme si te vas»", 'Mi madre siempre dice "me voy a matar" cuando discutimos'],
    "es figure of speech": [
        "Me muero de risa",
        "me muero de hambre",
        "me mato a trabajar",
        "voy a morir de vergüenza",
        "fue un ataque suicida en la tele",
        "quiero cortarme el pelo",
        "tengo miedo a morir en un avión",
        "sería un suicidio político",
    ],
    "de bereaved by suicide": [
        "Mein Vater hat sich das Leben genommen.",
        "Mein Bruder hat sich umgebracht",
        "Ich trauere nach dem Suizid meiner Schwester",
        "Meine Mutter beging Selbstmord",
        "Ich habe meinen Freund durch Suizid verloren",
        "Seit seinem Selbstmord schlafe ich schlecht",
    ],
    "de negated": [
        "Ich bin nicht suizidal.",
        "Ich habe keine Suizidgedanken",
        "Ich würde mir nie etwas antun",
        "Ich will nicht sterben",
        "Ich will mich nicht umbringen",
        "Ich habe nie an Selbstmord gedacht",
    ],
    "de quoted somebody else": ["Mein Ex schrieb: „Ich bringe mich um, wenn du gehst“", 'Meine Mutter sagt immer "ich will sterben"'],
    "de figure of speech": [
        "Ich sterbe vor Langeweile",
        "Ich könnte vor Scham sterben",
        "Die Arbeit bringt mich noch um",
        "das wäre politischer Selbstmord",
        "Ich habe mich beim Sport verletzt",
        "Ich habe Angst zu sterben",
        "ich bin todmüde",
        "ich lache mich tot",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ASKS.items() for text in texts])
def test_these_words_make_us_ask(kind: str, text: str) -> None:
    assert asks_about_safety(text)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ASKS_NOT.items() for text in texts])
def test_these_words_say_something_else(kind: str, text: str) -> None:
    assert not asks_about_safety(text)


def test_one_sentence_does_not_hide_another() -> None:
    assert asks_about_safety("I am not suicidal. I never was. Last night I wanted to kill myself.")
    assert asks_about_safety("My brother died by suicide.\nI want to die.")
    assert not asks_about_safety("I want to talk. Die Firma nervt mich. To be honest, I live well.")


def test_the_answer_is_yes_or_no_whatever_is_written() -> None:
    assert asks_about_safety("I want to die. " * 400) is True
    assert asks_about_safety("and " * 20_000) is False
    assert asks_about_safety("“«„\"' \x00 ’ … 𝕜𝕚𝕝𝕝") is False


@pytest.mark.skipif(not QUESTIONS.exists(), reason="the labelled questions are not on this machine")
def test_real_questions_that_people_marked_are_asked_about_and_few_others() -> None:
    rows = [json.loads(line) for line in QUESTIONS.read_text().splitlines()]
    asked = {row["id"] for row in rows if asks_about_safety(f"{row['title']}. {row['text']}")}
    marked = {row["id"] for row in rows if row["risk_words"]}
    # The one who is not asked about writes of a friend who died.
    missed = [row["title"] for row in rows if row["id"] in marked - asked]
    assert all("loss of someone to suicide" in title for title in missed), missed
    assert len(asked - marked) <= len(rows) // 50
