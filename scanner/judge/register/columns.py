"""The columns of the register of AI uses: their names, meanings and aliases.

Rule: a column that is not listed here is kept and echoed; it never decides anything.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from scanner.judge.phrases import folded_phrase

__all__ = ["ALIASES", "APPROVAL", "ASKED", "COLUMNS", "LOCATED", "NOTHING", "REQUIRED", "column_of", "guess_of"]

COLUMNS: Mapping[str, str] = {
    "entry_id": "Your own number for this use, such as AI-014. Each row has another.",
    "title": "The production.",
    "episode": "The episode as written in folder or file names, such as EP101; * is every episode.",
    "asset_glob": "Which file: its path in the delivery. * matches any characters, ** any folders.",
    "content_digest": "The digest of the content as the cue sheet prints it (xxh3-128). Binds the row to this content.",
    "finding_id": "The finding that the row is about, as reports and the cue sheet print it. Empty: all found there.",
    "phash_or_ref_id": "The id of the recognised reference, if the row is about one. A perceptual hash is not an id.",
    "tc_in": "First frame of the use: timecode (01:00:28:10, drop-frame 01:00:28;10), or frame number as in reports.",
    "tc_out": "The frame after the last one, as in an EDL. For frame numbers: the last frame.",
    "region": "Part of the picture that the row covers, in percent: x,y,w,h; several by semicolon. Empty: all.",
    "track": "The track, where a file has several.",
    "category": "What the file is used for: final-picture, final-audio, artwork, promo, graphics, archival, …",
    "description": "What is seen or heard.",
    "use_case": "ideation, background, key_visual, talent, restoration, anonymisation, voice, music or other.",
    "generated_or_altered": "generated, edited or enhanced (upscaled, denoised, retimed).",
    "share_of_frame": "How much of the picture, in percent.",
    "story_relevant": "y, n or unsure: is it referred to, read aloud, important for the story?",
    "tool": "The program or service.",
    "model_version": "Its model and version.",
    "vendor": "Who makes it.",
    "licence_tier": "The plan under which it was used: enterprise, business, personal, free, or local (own machines).",
    "enterprise_tier": "y or n: does an enterprise agreement with the vendor cover this use?",
    "terms_snapshot_ref": "Where the terms of that day are kept.",
    "trains_on_inputs": "y, n or unknown: may the vendor train on what was put in?",
    "stores_inputs": "y, n or unknown: does the vendor keep what was put in?",
    "inputs_used": "What was put in, several by semicolon: none, own material, production material, third-party"
    " material, personal data, talent likeness.",
    "personal_data": "y or n: are names, contacts, contracts or other personal data of cast or crew used?",
    "third_party_ip": "y or n: is somebody else's work, character or brand used or shown?",
    "prompt_names_works": "y or n: does a prompt name a work, a style or an artist?",
    "prompt_names_people": "y or n: does a prompt name a public figure, or a dead person?",
    "prompt_clearance_ref": "Where the permission for that is kept.",
    "trained_on_artist": "y or n: was a model trained on one artist's, performer's or rights holder's material?",
    "training_clearance_ref": "Where the permission for that is kept.",
    "real_events": "y or n: could it be mistaken for real events, people or statements?",
    "deepfake": "y or n: does it resemble existing persons, places or events, and would it appear authentic?",
    "prompt_ref": "Where the prompt is kept.",
    "source_material_ids": "Ids of the photos, clips or sounds that were used, several with a semicolon.",
    "source_rights": "Who holds the rights in them.",
    "operator": "Who used the tool.",
    "date_generated": "When. Dates are written 2026-11-22.",
    "human_contribution": "What people did with the result.",
    "status": "planned (nothing exists yet), draft, informed, submitted, approved, rejected or withdrawn.",
    "informed_to": "Who at the commissioner was informed.",
    "date_informed": "When.",
    "approved_by": "Who approved it.",
    "approver_role": "In which role.",
    "date_approved": "When it was approved, or rejected.",
    "approval_ref": "Where the approval is kept: a document number or link.",
    "approval_sha256": "The digest of that document.",
    "scope_text": "What the approval covers, in its words.",
    "scope_temp_or_final": "temp or final. An approval for temp does not cover the final.",
    "approval_conditions": "The conditions of the approval, where it has any.",
    "conditions_met": "y or n: are they met?",
    "expires": "The last day on which the approval is valid.",
    "talent_name": "The performer. Leave it empty where nobody is seen or heard.",
    "consent_ref": "Where the performer's consent is kept.",
    "consent_date": "When it was given.",
    "consent_project": "The production that the consent names.",
    "consent_scope": "The use that the consent describes.",
    "consent_until": "The last day on which the consent is valid.",
    "deceased": "y or n: is the performer dead?",
    "estate_consent_ref": "Where the estate's consent is kept.",
    "minors": "y or n: is a minor shown or heard, or was a minor's likeness put in?",
    "guardian_consent_ref": "Where the consent of a minor's guardian is kept.",
    "union_covered": "y or n: does it replace work that a union or guild covers?",
    "union_notice_ref": "Where the notice to the union or guild is kept.",
    "licence_ref": "Where the licence of the source material is kept.",
    "ai_terms": "What that licence states about AI: prohibited, flag_and_review, allowed or unknown.",
    "licensor_review_ref": "Where the licensor's review of the AI use is kept, where the licence asks for one.",
    "custody_note": "Where the original is and how it came to you: scanned from a print by the archive, phone copy.",
    "disclosure_method": "How the use is disclosed to the audience: card, lower third, narration, credit or none.",
    "disclosure_tc": "Where: the timecode of the disclosure to the audience; several by semicolon.",
    "disclosure_text": "The words or the sign that the audience sees or hears.",
    "changes_meaning": "y or n: does the change alter the meaning of the picture?",
    "judged_by": "Who decided that.",
    "notes": "Anything else.",
}
"""Column → what to write in it, in the order of the template."""

ASKED = ("licence_tier", "trains_on_inputs", "inputs_used", "approver_role", "scope_temp_or_final")
"""Columns whose empty cell is a missing answer, where the sheet has the column."""
REQUIRED = ("entry_id", "tool", "use_case", "generated_or_altered", "status")
"""What every row must have, besides a column that states where the use is."""
APPROVAL = ("approved_by", "date_approved", "approval_ref", "scope_temp_or_final")
"""What an approved row must also have."""

LOCATED = (
    "approval_ref", "consent_ref", "estate_consent_ref", "guardian_consent_ref", "union_notice_ref",
    "prompt_clearance_ref", "training_clearance_ref", "licensor_review_ref",
)  # fmt: skip
"""Columns that say where a document is kept: by its number or date, a link or a path."""

ALIASES: Mapping[str, str] = {
    "finding": "finding_id", "finding_fingerprint": "finding_id",
    "id": "entry_id", "entry": "entry_id", "row_id": "entry_id", "shot": "entry_id", "shot_id": "entry_id",
    "file": "asset_glob", "path": "asset_glob", "asset": "asset_glob", "file_name": "asset_glob", "glob": "asset_glob",
    "digest": "content_digest", "content_sha256": "content_digest", "hash": "content_digest",
    "ref_id": "phash_or_ref_id", "reference": "phash_or_ref_id", "reference_id": "phash_or_ref_id",
    "timecode_in": "tc_in", "in": "tc_in", "start": "tc_in", "timecode": "tc_in", "start_timecode": "tc_in",
    "timecode_out": "tc_out", "out": "tc_out", "end": "tc_out", "end_timecode": "tc_out",
    "ai_type": "generated_or_altered", "type": "generated_or_altered", "generated_vs_enhanced": "generated_or_altered",
    "generated_or_enhanced": "generated_or_altered", "usage_type": "generated_or_altered",
    "share": "share_of_frame", "frame_share": "share_of_frame", "percent_of_frame": "share_of_frame",
    "software": "tool", "tool_name": "tool", "model": "model_version", "version": "model_version",
    "prompt": "prompt_ref", "source": "source_material_ids", "source_reference": "source_material_ids",
    "approver": "approved_by", "approval_date": "date_approved", "approval": "approval_ref",
    "scope": "scope_temp_or_final", "expiry": "expires", "expires_on": "expires", "valid_until": "expires",
    "disclosure": "disclosure_method", "comment": "notes", "comments": "notes", "remarks": "notes",
    # German
    "nummer": "entry_id", "lfd_nr": "entry_id", "produktion": "title", "folge": "episode", "datei": "asset_glob",
    "dateiname": "asset_glob", "dateipfad": "asset_glob", "pfad": "asset_glob", "timecode_ein": "tc_in",
    "tc_ein": "tc_in",
    "timecode_aus": "tc_out", "tc_aus": "tc_out", "beschreibung": "description", "verwendung": "use_case",
    "verwendungszweck": "use_case", "einsatz": "use_case", "art_der_nutzung": "generated_or_altered",
    "art": "generated_or_altered", "werkzeug": "tool", "programm": "tool", "ki_werkzeug": "tool", "ki_tool": "tool",
    "anbieter": "vendor", "hersteller": "vendor", "lizenzmodell": "licence_tier", "lizenzart": "licence_tier",
    "tarif": "licence_tier", "training_mit_eingaben": "trains_on_inputs", "trainiert_mit_eingaben": "trains_on_inputs",
    "eingaben": "inputs_used", "eingesetztes_material": "inputs_used", "personenbezogene_daten": "personal_data",
    "bearbeiter": "operator", "erzeugt_am": "date_generated", "erstellt_am": "date_generated",
    "informiert_am": "date_informed", "genehmigt_von": "approved_by", "freigegeben_von": "approved_by",
    "freigabe_durch": "approved_by", "funktion": "approver_role", "rolle": "approver_role",
    "genehmigt_am": "date_approved", "freigegeben_am": "date_approved", "freigabe": "approval_ref",
    "genehmigung": "approval_ref", "geltungsbereich": "scope_temp_or_final", "auflagen": "approval_conditions",
    "bedingungen": "approval_conditions", "gultig_bis": "expires", "darsteller": "talent_name",
    "einwilligung": "consent_ref", "datum_der_einwilligung": "consent_date", "einwilligung_vom": "consent_date",
    "minderjahrige": "minors", "lizenz": "licence_ref", "kennzeichnung": "disclosure_method",
    "offenlegung": "disclosure_method", "bemerkung": "notes", "bemerkungen": "notes", "anmerkungen": "notes",
    # French
    "numero": "entry_id", "production": "title", "fichier": "asset_glob", "nom_du_fichier": "asset_glob",
    "chemin": "asset_glob", "tc_entree": "tc_in", "timecode_entree": "tc_in", "tc_sortie": "tc_out",
    "timecode_sortie": "tc_out", "usage": "use_case", "utilisation": "use_case", "type_d_usage": "use_case",
    "nature": "generated_or_altered", "outil": "tool", "outil_ia": "tool", "logiciel": "tool", "editeur": "vendor",
    "fournisseur": "vendor", "formule": "licence_tier", "type_de_licence": "licence_tier",
    "entrainement": "trains_on_inputs", "entrainement_sur_les_donnees": "trains_on_inputs",
    "donnees_utilisees": "inputs_used", "elements_utilises": "inputs_used", "donnees_personnelles": "personal_data",
    "operateur": "operator", "date_de_creation": "date_generated", "genere_le": "date_generated", "statut": "status",
    "informe_le": "date_informed", "approuve_par": "approved_by", "valide_par": "approved_by",
    "fonction": "approver_role", "role": "approver_role", "approuve_le": "date_approved", "valide_le": "date_approved",
    "date_d_approbation": "date_approved", "approbation": "approval_ref", "reference_de_l_approbation": "approval_ref",
    "portee": "scope_temp_or_final", "valable_jusqu_au": "expires", "comedien": "talent_name",
    "interprete": "talent_name", "consentement": "consent_ref", "date_du_consentement": "consent_date",
    "mineurs": "minors", "licence": "licence_ref", "mention": "disclosure_method",
    "information_du_public": "disclosure_method", "remarques": "notes", "commentaires": "notes",
    # Spanish
    "produccion": "title", "capitulo": "episode", "episodio": "episode", "archivo": "asset_glob",
    "fichero": "asset_glob",
    "nombre_del_archivo": "asset_glob", "ruta": "asset_glob", "tc_entrada": "tc_in", "tc_salida": "tc_out",
    "descripcion": "description", "uso": "use_case", "tipo_de_uso": "use_case", "tipo": "generated_or_altered",
    "herramienta": "tool", "herramienta_ia": "tool", "proveedor": "vendor", "tipo_de_licencia": "licence_tier",
    "entrenamiento": "trains_on_inputs", "entrena_con_los_datos": "trains_on_inputs",
    "material_utilizado": "inputs_used", "datos_utilizados": "inputs_used", "datos_personales": "personal_data",
    "operador": "operator", "fecha_de_generacion": "date_generated", "estado": "status", "aprobado_por": "approved_by",
    "cargo": "approver_role", "funcion": "approver_role", "fecha_de_aprobacion": "date_approved",
    "aprobado_el": "date_approved", "aprobacion": "approval_ref", "referencia_de_aprobacion": "approval_ref",
    "alcance": "scope_temp_or_final", "valido_hasta": "expires", "actor": "talent_name",
    "consentimiento": "consent_ref",
    "fecha_del_consentimiento": "consent_date", "menores": "minors", "licencia": "licence_ref",
    "divulgacion": "disclosure_method", "aviso": "disclosure_method", "observaciones": "notes", "notas": "notes",
}  # fmt: skip
"""Headings of trackers and shot disclosure maps → our column. Compared as `_plain` writes them."""


NOTHING: Mapping[Any, str] = MappingProxyType({})
"""No headings of the production's own, and no hidden rows."""


def _plain(heading: str) -> str:
    """A heading as it is compared: small letters without accents, `_` between words."""
    return re.sub(r"[^a-z0-9]+", "_", folded_phrase(heading)).strip("_")


def column_of(heading: str, own: Mapping[str, str] = NOTHING) -> str:
    """The column that a heading means: as the settings map it, one of ours, or the heading itself."""
    if heading.strip() in own:
        return own[heading.strip()]
    plain = _plain(heading)
    return plain if plain in COLUMNS else ALIASES.get(plain, heading.strip())


def guess_of(heading: str) -> str:
    """The column that an unknown heading probably means; empty where none is close."""
    plain = _plain(heading)
    known = {**{name: name for name in COLUMNS}, **ALIASES}
    words = [word for word in plain.split("_") if word not in _FILLERS]
    for bare in ("_".join(words), *words):
        if bare in known and len(bare) > 2:
            return known[bare]
    near = difflib.get_close_matches("_".join(words) or plain, known, n=1, cutoff=0.85)
    return known[near[0]] if near else ""


_FILLERS = frozenset({"ai", "gen", "genai", "ki", "ia", "the", "of", "used", "name", "info", "details", "no", "nr"})
"""Words that trackers put around a heading."""
