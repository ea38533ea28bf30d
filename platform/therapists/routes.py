"""A therapist's own part of the API: profile, statements, services, hours, credentials, publication.

Edits of the profile need `If-Match` with the ETag that was read; services and hours honour it when it is sent.
"""

import uuid
from typing import Any

from flask import request

from core.access import allow, caller, confirmed, role
from core.clock import now
from core.errors import PreconditionRequired
from core.http import Blueprint
from therapists import (
    check_evidence_routes,
    check_routes,
    credentials,
    evidence_routes,
    hours,
    photo_routes,
    profile,
    publication,
    schemas,
    services,
    statements,
)
from therapists.authorisation_routes import blueprint as authorisations_blueprint
from therapists.hours_changing import changes_hours
from therapists.leaving_routes import blueprints as leaving_blueprints
from therapists.lookup_routes import blueprint as lookups_blueprint
from therapists.models import Therapist
from therapists.own_records_routes import blueprint as records_blueprint
from therapists.profile_reading_routes import blueprint as readings_blueprint
from therapists.public_routes import blueprint as public_blueprint
from therapists.recheck_file_routes import blueprint as recheck_file_blueprint
from therapists.representations import (
    CredentialSchema,
    CredentialsSchema,
    OwnProfileSchema,
    OwnServiceSchema,
    OwnServicesSchema,
    credential_json,
    own_page,
    service_json,
)
from therapists.schedule_routes import blueprint as schedules_blueprint
from therapists.session_link_routes import blueprint as session_links_blueprint
from therapists.stop_routes import blueprint as stops_blueprint
from therapists.verification_routes import blueprint as verification_blueprint

blueprint = Blueprint("therapist", __name__, url_prefix="/api/v1/therapist", description="A therapist's own profile, services, hours and credentials")
blueprints = [
    blueprint,
    public_blueprint,
    authorisations_blueprint,
    verification_blueprint,
    *evidence_routes.blueprints,
    lookups_blueprint,
    recheck_file_blueprint,
    records_blueprint,
    readings_blueprint,
    *photo_routes.blueprints,
    *leaving_blueprints,
    stops_blueprint,
    schedules_blueprint,
    *check_routes.blueprints,
    session_links_blueprint,
    *check_evidence_routes.blueprints,
]
therapist_only = role("therapist")
if_match = blueprint.hears("If-Match", "The ETag of the profile as you read it.", required=True)
may_match = blueprint.hears("If-Match", "The ETag of the profile as you read it: only if nothing changed since.")
Answer = tuple[dict[str, Any], dict[str, str]]


def _version(*, needed: bool) -> str:
    """The ETag in If-Match; any version when none is needed and none was sent."""
    if not request.headers.get("If-Match"):
        if needed:
            raise PreconditionRequired
        return profile.ANY_VERSION
    return profile.ANY_VERSION if request.if_match.star_tag else next(iter(request.if_match.as_set()), "")


def _mine(*, needs_version: bool = False) -> Therapist:
    return profile.profile_for_edit(caller().require_person(), version=_version(needed=needs_version))


def _page(therapist: Therapist) -> Answer:
    return own_page(therapist, now=now()), {"ETag": f'"{profile.version_of(therapist)}"'}


@blueprint.post("")
@allow(confirmed)
@blueprint.takes(schemas.NewTherapistSchema)
@blueprint.gives(201, OwnProfileSchema)
def become_therapist(body: dict[str, Any]) -> Answer:
    """Open a therapist profile of your own, unpublished."""
    return _page(profile.become_therapist(caller().require_person(), **body, now=now()))


@blueprint.get("/profile")
@allow(therapist_only)
@blueprint.gives(200, OwnProfileSchema)
def read_profile() -> Answer:
    """Your own profile, with the ETag that an edit needs."""
    return _page(profile.own_profile(caller().require_person()))


@blueprint.patch("/profile")
@allow(therapist_only)
@if_match
@blueprint.takes(schemas.ProfileChangesSchema)
@blueprint.gives(200, OwnProfileSchema)
@changes_hours(lambda body: "zone" in body)
def edit_profile(body: dict[str, Any]) -> Answer:
    """Change texts, places for new clients and the like."""
    return _page(profile.edit_profile(_mine(needs_version=True), body, now=now()))


@blueprint.put("/modalities")
@allow(therapist_only)
@if_match
@blueprint.takes(schemas.DeclaredModalitiesSchema)
@blueprint.gives(200, OwnProfileSchema)
def set_modalities(body: dict[str, Any]) -> Answer:
    """Declare your ways of working."""
    return _page(statements.set_modalities(_mine(needs_version=True), **body, now=now()))


@blueprint.put("/concerns")
@allow(therapist_only)
@if_match
@blueprint.takes(schemas.TreatedConcernsSchema)
@blueprint.gives(200, OwnProfileSchema)
def set_concerns(body: dict[str, Any]) -> Answer:
    """Name at most five core concerns, in order, and others."""
    return _page(statements.set_concerns(_mine(needs_version=True), **body, now=now()))


@blueprint.put("/languages")
@allow(therapist_only)
@if_match
@blueprint.takes(schemas.SpokenLanguagesSchema)
@blueprint.gives(200, OwnProfileSchema)
def set_languages(body: dict[str, Any]) -> Answer:
    """State the languages you work in."""
    return _page(statements.set_languages(_mine(needs_version=True), **body, now=now()))


@blueprint.put("/identities")
@allow(therapist_only)
@if_match
@blueprint.takes(schemas.IdentityStatementsSchema)
@blueprint.gives(200, OwnProfileSchema)
def set_identities(body: dict[str, Any]) -> Answer:
    """State what you choose to say about yourself; each for the audience that you choose."""
    return _page(statements.set_identities(_mine(needs_version=True), body["identities"], now=now()))


@blueprint.put("/style")
@allow(therapist_only)
@if_match
@blueprint.takes(schemas.TherapistStyleSchema)
@blueprint.gives(200, OwnProfileSchema)
def set_style(body: dict[str, Any]) -> Answer:
    """Answer the four questions on your style."""
    return _page(statements.set_style(_mine(needs_version=True), body, now=now()))


@blueprint.put("/formats")
@allow(therapist_only)
@if_match
@blueprint.takes(schemas.FormatsSchema)
@blueprint.gives(200, OwnProfileSchema)
def set_formats(body: dict[str, Any]) -> Answer:
    """State for whom you work, and where sessions in person take place."""
    return _page(statements.set_formats(_mine(needs_version=True), **body, now=now()))


@blueprint.put("/hours")
@allow(therapist_only)
@may_match
@blueprint.takes(schemas.WorkingHoursSchema)
@blueprint.gives(200, OwnProfileSchema)
@changes_hours()
def set_hours(body: dict[str, Any]) -> Answer:
    """Set your working week, in the wall time of your zone."""
    return _page(hours.set_hours(_mine(), **body, now=now()))


@blueprint.put("/overrides")
@allow(therapist_only)
@may_match
@blueprint.takes(schemas.HoursOverridesSchema)
@blueprint.gives(200, OwnProfileSchema)
@changes_hours()
def set_overrides(body: dict[str, Any]) -> Answer:
    """Set all coming dates that differ from your week."""
    return _page(hours.set_overrides(_mine(), **body, now=now()))


@blueprint.get("/services")
@allow(therapist_only)
@blueprint.gives(200, OwnServicesSchema)
def list_services() -> dict[str, Any]:
    """Your services that can be booked."""
    therapist = profile.own_profile(caller().require_person())
    return {"items": [service_json(service) for service in therapist.services if service.active]}


@blueprint.post("/services")
@allow(therapist_only)
@may_match
@blueprint.takes(schemas.NewServiceSchema)
@blueprint.gives(201, OwnServiceSchema)
def add_service(body: dict[str, Any]) -> dict[str, Any]:
    """Offer something to be booked."""
    return service_json(services.add_service(_mine(), body, now=now()))


@blueprint.get("/services/<uuid:service_id>")
@allow(therapist_only)
@blueprint.gives(200, OwnServiceSchema)
def read_service(service_id: uuid.UUID) -> dict[str, Any]:
    """One of your services."""
    return service_json(services.service_of(caller().require_person(), service_id))


@blueprint.patch("/services/<uuid:service_id>")
@allow(therapist_only)
@may_match
@blueprint.takes(schemas.ServiceChangesSchema)
@blueprint.gives(200, OwnServiceSchema)
@changes_hours(lambda body: "schedule" in body)
def change_service(body: dict[str, Any], service_id: uuid.UUID) -> dict[str, Any]:
    """Change the terms for bookings from now on."""
    return service_json(services.change_service(_mine(), service_id, body, now=now()))


@blueprint.delete("/services/<uuid:service_id>")
@allow(therapist_only)
@may_match
@blueprint.gives(204)
def retire_service(service_id: uuid.UUID) -> None:
    """Offer it no longer; what is booked stays."""
    services.retire_service(_mine(), service_id, now=now())


@blueprint.get("/credentials")
@allow(therapist_only)
@blueprint.gives(200, CredentialsSchema)
def list_credentials() -> dict[str, Any]:
    """Your credentials and their state."""
    return {"items": [credential_json(each) for each in profile.own_profile(caller().require_person()).credentials]}


@blueprint.post("/credentials")
@allow(therapist_only)
@may_match
@blueprint.takes(schemas.NewCredentialSchema)
@blueprint.gives(201, CredentialSchema)
def claim_credential(body: dict[str, Any]) -> dict[str, Any]:
    """State a credential of yours. It counts for nothing until it was submitted and checked."""
    return credential_json(credentials.claim_credential(_mine(), **body, now=now()))


@blueprint.patch("/credentials/<uuid:credential_id>")
@allow(therapist_only)
@may_match
@blueprint.takes(schemas.CredentialAmendmentSchema)
@blueprint.gives(200, CredentialSchema)
def amend_credential(body: dict[str, Any], credential_id: uuid.UUID) -> dict[str, Any]:
    """Correct a claim. One that was approved is checked again before it counts again."""
    return credential_json(credentials.amend_credential(_mine(), credential_id, body, now=now()))


@blueprint.post("/credentials/<uuid:credential_id>/submit")
@allow(therapist_only)
@may_match
@blueprint.gives(200, CredentialSchema)
def submit_credential(credential_id: uuid.UUID) -> dict[str, Any]:
    """Ask us to check it in the official register."""
    return credential_json(credentials.submit_credential(_mine(), credential_id, now=now()))


@blueprint.post("/credentials/<uuid:credential_id>/withdraw")
@allow(therapist_only)
@may_match
@blueprint.gives(200, CredentialSchema)
def withdraw_credential(credential_id: uuid.UUID) -> dict[str, Any]:
    """Take the claim back."""
    return credential_json(credentials.withdraw_credential(_mine(), credential_id, now=now()))


@blueprint.post("/publication")
@allow(therapist_only)
@may_match
@blueprint.gives(200, OwnProfileSchema)
def publish() -> Answer:
    """Show your profile to the public. The first time a person reads it before it shows: see `reading` in the answer."""
    return _page(publication.publish(_mine(), now=now()))


@blueprint.delete("/publication")
@allow(therapist_only)
@may_match
@blueprint.gives(200, OwnProfileSchema)
def unpublish() -> Answer:
    """Take your profile off every list."""
    return _page(publication.unpublish(_mine(), now=now()))
