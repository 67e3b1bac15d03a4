/* Putting a finding into words: its sentence, its next step, and the facts it rests on. */
#ifndef PAAS_CORE_DIAGNOSE_EVIDENCE_H
#define PAAS_CORE_DIAGNOSE_EVIDENCE_H

#include "core/diagnose/diagnose.h"
#include "core/diagnose/symptom.h"

/* Fills every text of `finding` from the symptom it shows. */
void finding_describe(struct finding *finding, const struct symptom *symptom,
                      const struct rollout_objects *objects, struct arena *arena);
/* The name that the symptom's message gives where the cause says it stands, or "". */
const char *symptom_object(const struct symptom *symptom, const struct cause *cause,
                           struct arena *arena);

/* A text from a cluster with credentials and what looks like a secret's value taken out. */
const char *text_mask(const char *text, struct arena *arena) returns_text;
/* The last `lines` lines, repeated ones folded ("… (4 times)"). */
const char *text_tail(const char *text, unsigned lines, struct arena *arena) returns_text;

#endif
