"""Tables and indexes. `row` is the record as lists show it, `more` what only the detail adds (NULL: derived)."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE organisations (org INTEGER PRIMARY KEY, name TEXT NOT NULL, time_zone TEXT NOT NULL,
    currency TEXT NOT NULL, row BLOB NOT NULL);
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL);
CREATE TABLE members (user INTEGER NOT NULL, org INTEGER NOT NULL, role TEXT NOT NULL, is_default INTEGER NOT NULL,
    PRIMARY KEY (user, org)) WITHOUT ROWID;
CREATE TABLE currencies (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, code TEXT NOT NULL, symbol TEXT NOT NULL,
    rate REAL NOT NULL, row BLOB NOT NULL, UNIQUE (org, code));
CREATE TABLE contacts (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
    company TEXT NOT NULL COLLATE NOCASE, first_name TEXT NOT NULL COLLATE NOCASE,
    last_name TEXT NOT NULL COLLATE NOCASE, email TEXT NOT NULL COLLATE NOCASE,
    phone TEXT NOT NULL, status TEXT NOT NULL, outstanding INTEGER NOT NULL,
    created INTEGER NOT NULL, modified INTEGER NOT NULL, row BLOB NOT NULL, more BLOB NOT NULL);
CREATE TABLE persons (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, contact INTEGER NOT NULL,
    is_primary INTEGER NOT NULL, email TEXT NOT NULL COLLATE NOCASE, row BLOB NOT NULL);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, customer INTEGER NOT NULL,
    customer_name TEXT NOT NULL COLLATE NOCASE, number TEXT NOT NULL COLLATE NOCASE, reference TEXT NOT NULL,
    state TEXT NOT NULL, is_open INTEGER NOT NULL, date TEXT NOT NULL, due TEXT NOT NULL, expected TEXT NOT NULL,
    total INTEGER NOT NULL, balance INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
    row BLOB NOT NULL, more BLOB);
CREATE TABLE payments (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, customer INTEGER NOT NULL,
    customer_name TEXT NOT NULL COLLATE NOCASE, number INTEGER NOT NULL, mode TEXT NOT NULL, reference TEXT NOT NULL,
    date TEXT NOT NULL, amount INTEGER NOT NULL, unused INTEGER NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, row BLOB NOT NULL);
CREATE TABLE applications (id INTEGER PRIMARY KEY, payment INTEGER NOT NULL, invoice INTEGER NOT NULL,
    amount INTEGER NOT NULL, date TEXT NOT NULL);
CREATE TABLE creditnotes (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, customer INTEGER NOT NULL,
    customer_name TEXT NOT NULL COLLATE NOCASE, number TEXT NOT NULL COLLATE NOCASE, state TEXT NOT NULL,
    date TEXT NOT NULL, total INTEGER NOT NULL, balance INTEGER NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, row BLOB NOT NULL);
CREATE TABLE credits (id INTEGER PRIMARY KEY, creditnote INTEGER NOT NULL, invoice INTEGER NOT NULL,
    amount INTEGER NOT NULL, date TEXT NOT NULL);
CREATE TABLE plan (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, org INTEGER NOT NULL, customer INTEGER NOT NULL,
    kind TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE clients (id TEXT PRIMARY KEY, secret TEXT NOT NULL, name TEXT NOT NULL,
    redirects TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE codes (code TEXT PRIMARY KEY, client TEXT NOT NULL, user INTEGER NOT NULL, scope TEXT NOT NULL,
    redirect TEXT NOT NULL, offline INTEGER NOT NULL, expires REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE refresh_tokens (token TEXT PRIMARY KEY, client TEXT NOT NULL, user INTEGER NOT NULL, scope TEXT NOT NULL,
    created REAL NOT NULL);
CREATE TABLE access_tokens (token TEXT PRIMARY KEY, refresh TEXT NOT NULL, client TEXT NOT NULL, user INTEGER NOT NULL,
    scope TEXT NOT NULL, created REAL NOT NULL, expires REAL NOT NULL);
CREATE TABLE counters (org INTEGER NOT NULL, name TEXT NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (org, name)) WITHOUT ROWID;
"""

# Added since the first state files were written; made in any file that lacks them.
LATER_TABLES = """
CREATE TABLE IF NOT EXISTS homes (user INTEGER PRIMARY KEY, centre TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS centre_secrets (client TEXT NOT NULL, centre TEXT NOT NULL, secret TEXT NOT NULL,
    PRIMARY KEY (client, centre)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS comments (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, kind TEXT NOT NULL,
    record INTEGER NOT NULL, at INTEGER NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS comments_record ON comments (kind, record);
CREATE TABLE IF NOT EXISTS hooks (id INTEGER PRIMARY KEY AUTOINCREMENT, org INTEGER NOT NULL, name TEXT NOT NULL,
    url TEXT NOT NULL, secret TEXT NOT NULL, kind TEXT NOT NULL, events TEXT NOT NULL, method TEXT NOT NULL,
    body TEXT NOT NULL, headers BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS hook_queue (id INTEGER PRIMARY KEY AUTOINCREMENT, hook INTEGER NOT NULL,
    event TEXT NOT NULL, record INTEGER NOT NULL, row BLOB NOT NULL, due REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', tries INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS hook_queue_waiting ON hook_queue (due) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS debit_notes (invoice INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS opening_balances (contact INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refunds (id INTEGER PRIMARY KEY, payment INTEGER NOT NULL, date TEXT NOT NULL,
    mode TEXT NOT NULL, amount INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS refunds_payment ON refunds (payment);
CREATE TABLE IF NOT EXISTS retainers (id INTEGER PRIMARY KEY, org INTEGER NOT NULL, customer INTEGER NOT NULL,
    customer_name TEXT NOT NULL COLLATE NOCASE, number TEXT NOT NULL, state TEXT NOT NULL, date TEXT NOT NULL,
    total INTEGER NOT NULL, balance INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
    row BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS denied (user INTEGER NOT NULL, org INTEGER NOT NULL, module TEXT NOT NULL,
    PRIMARY KEY (user, org, module)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vendors (contact INTEGER PRIMARY KEY, org INTEGER NOT NULL);
"""

# Made after a company has been written: filling tables without indexes is several times faster.
INDEXES = """
CREATE INDEX contacts_name ON contacts (org, name, id);
CREATE INDEX contacts_created ON contacts (org, created, id);
CREATE INDEX contacts_modified ON contacts (org, modified, id);
CREATE INDEX persons_org ON persons (org, id);
CREATE INDEX persons_contact ON persons (contact, id);
CREATE INDEX invoices_created ON invoices (org, created, id);
CREATE INDEX invoices_modified ON invoices (org, modified, id);
CREATE INDEX invoices_customer ON invoices (customer, date);
CREATE INDEX invoices_number ON invoices (org, number);
CREATE INDEX invoices_date ON invoices (org, date, id);
CREATE INDEX invoices_due ON invoices (org, due, id);
CREATE INDEX invoices_open ON invoices (org, created, id, due) WHERE is_open = 1;
CREATE INDEX payments_created ON payments (org, created, id);
CREATE INDEX payments_modified ON payments (org, modified, id);
CREATE INDEX payments_date ON payments (org, date, id);
CREATE INDEX payments_customer ON payments (customer, date);
CREATE INDEX applications_payment ON applications (payment);
CREATE INDEX applications_invoice ON applications (invoice);
CREATE INDEX creditnotes_created ON creditnotes (org, created, id);
CREATE INDEX creditnotes_modified ON creditnotes (org, modified, id);
CREATE INDEX creditnotes_customer ON creditnotes (customer, date);
CREATE INDEX credits_creditnote ON credits (creditnote);
CREATE INDEX credits_invoice ON credits (invoice);
CREATE INDEX plan_at ON plan (at, id);
CREATE INDEX plan_customer ON plan (customer);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user, created);
CREATE INDEX access_tokens_refresh ON access_tokens (refresh, created);
"""
