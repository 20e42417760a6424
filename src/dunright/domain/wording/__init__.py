"""What letters say: placeholders, texts, their default wording, and how a text and the facts become a mail.

Pure: no clock, no I/O but the package's own default texts, read once. Sources: default-templates.md,
chasing-rules.md R9 to R13, ui-notes.md sections 7 and 8.

What others call:

    letter_facts   LetterFacts and its parts: everything a letter can say, gathered by the caller
    placeholders   PLACEHOLDERS, by_group(form): the table behind the editor's list of chips
    texts          LetterText(subject, body, form, kind, name, language)
                   check_text(subject, body, form, *, kind) -> list[Problem]; clean_body(html); clean_signature(html)
                   missing_values(text, facts) -> tuple[str, ...]
    render         render(text, facts, *, continues=False, first_subject="") -> Rendered(subject, html, text);
                   raises MissingValue (R13: the message waits) or CannotRender (a text that was never checked)
    defaults       default_text(name, form), default_texts(), DEFAULT_SCHEDULES, schedule_for_terms(days)
    policy_text    read_templates, write_templates, read_schedules, write_schedules
"""
