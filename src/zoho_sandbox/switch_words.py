"""What each switch means, in words, by group: for the page that sets them."""

GROUPS: dict[str, dict[str, str]] = {
    "Tokens": {
        "token_error_status": "Status of errors of the token calls. Live ones often come with 200.",
        "access_denied_status": "Status of “Access Denied”, after ten refreshes in ten minutes.",
        "access_token_seconds": "Seconds an access token lives.",
        "live_access_tokens": "Access tokens of one refresh token that live at a time; one more ends the oldest.",
        "throttle_codes": "Whether a client gets at most ten grant codes in ten minutes.",
        "lasting_without_prompt": "Who gets a refresh token without prompt=consent: nobody, or who never consented.",
    },
    "Lists": {
        "per_page_default": "Rows of a page when nobody asks for a number.",
        "per_page_cap": "Most rows of a page.",
        "last_modified_filter": "What last_modified_time does as a filter: since that moment, exactly then, nothing.",
        "last_modified_filter_lists": "The lists that filter so; the others ignore it.",
        "last_modified_sort": "What sorting by last_modified_time does: it is honoured, ignored, or refused.",
        "last_modified_sort_lists": "The lists that sort so; the others honour it.",
        "bulk_persons": "The list of all contact persons: there is one, it is not found, or it is not allowed.",
        "bulk_persons_cap": "Most rows of a page of that list.",
        "bulk_persons_vendors": "Whether that list has the persons of vendors too.",
        "bulk_persons_inactive": "Whether that list has the persons of archived customers too.",
    },
    "Dirty data": {
        "dirty_share": "The share of records that is shown dirty, from 0 to 1.",
        "dirty_kinds": "In which ways.",
        "invoice_url": "The payment link of an invoice: another one in each answer, always the same, or none.",
    },
    "Life": {
        "payment_deletion_moves_invoice": "Whether deleting a payment moves the time of its invoices.",
        "person_edit_moves_contact": "Whether a change of a person moves the time of the customer.",
        "comment_moves_invoice": "Whether a comment moves the time of the invoice.",
        "reminder_switch_moves_record": "Whether switching Zoho's own reminders moves the time of the record.",
        "invoice_update": "Whether an update of an invoice may be partial, or must carry customer and lines.",
        "debit_notes": "Whether debit notes stand among the invoices, or are hidden.",
        "life_goes_on": "Whether customers buy and pay by themselves when the clock moves.",
    },
    "Limits": {
        "enforce_limits": "Whether calls above a limit are refused. They are counted and told always.",
        "per_minute": "Calls per minute (code 44).",
        "per_minute_block_seconds": "Seconds all calls are refused after that; 0 until the minute has passed.",
        "burst": "Calls per minute after which code 43 comes; 0 for never.",
        "burst_block_seconds": "Seconds all calls are refused then.",
        "per_day": "Calls per day, until midnight of the organisation (code 45).",
        "per_day_written": "How the daily limit is written in the message: 1000 or 1,000.",
        "in_flight": "Calls at the same time (code 1070).",
        "answer_seconds": "Seconds each call takes, during which it counts as one of those at the same time.",
        "refused_calls_count": "Whether refused calls count.",
    },
    "Webhooks": {
        "webhook_signature": "How webhooks are signed: as Zoho Billing does, as Zoho Payments does, or not at all.",
        "webhook_retries": "How often a webhook is tried again that nobody took.",
        "webhook_retry_seconds": "Seconds before the first of these tries; each further one waits twice as long.",
        "webhook_order": "Which of several waiting webhooks is sent first.",
        "webhook_twice": "Whether each comes twice.",
        "webhook_loss": "The share of webhooks that is never sent, from 0 to 1.",
    },
}
"""By group, each switch with a sentence."""
