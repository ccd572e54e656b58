/*
 * The view's tables (sql.h). Statements on them are in sql.c.
 *
 * The view holds what the queries of the store want to know, with an index for
 * each, so that none of them looks at all messages. Times are seconds since
 * 1970, taken from events; 0 is never. A stream is two numbers, `sfrom` and
 * `sto`, as in struct stream_name. `n` is the number of an event.
 */
#include "sql.h"
#include "sql_words.h"

#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

const char sql_version[] = "PRAGMA user_version";

/* Filling it is done with more memory than a command needs: what does not fit is
 * written twice and more often. */
const char sql_journal[] =
	"PRAGMA journal_mode = WAL;"
	"PRAGMA cache_size = -65536;";

/* Nobody else has it open, and half of one is of no use. */
const char sql_copying[] =
	"PRAGMA synchronous = OFF;"
	"PRAGMA journal_mode = OFF;";

/* The log is the truth: the view may lag behind after a power cut, and must
 * only not be torn. */
const char sql_settings[] =
	"PRAGMA synchronous = NORMAL;"
	"PRAGMA journal_size_limit = 4194304;"
	"PRAGMA temp_store = MEMORY;";

const char sql_schema[] =
/* what of the log is in here: bytes, and the last line's number and crc */
"CREATE TABLE applied (one INTEGER PRIMARY KEY CHECK (one = 1),"
" offset INTEGER, seq INTEGER, crc TEXT);"
"INSERT INTO applied VALUES (1, 0, 0, '');"

"CREATE TABLE computer (one INTEGER PRIMARY KEY CHECK (one = 1),"
" number INTEGER, name TEXT, clone TEXT, former TEXT, why TEXT,"
" since INTEGER, accepted INTEGER);"
"INSERT INTO computer VALUES (1, 0, NULL, '', '[]', '', 0, 0);"

/* direction 0: ours, 1: theirs, 2: imported; arrived: accepted or received;
 * took: the event that gave it its number; message: its JSON without the body,
 * which stands last: SQLite reads no further in a row than it must. Of one that
 * workers hand over: attempt, how often one began with it; slot, of the worker
 * that has it now; copy, of the instance, where that has several and it is posted
 * there; due, from when on it may be taken out of its instance's line, 0
 * if it is in none; rank, by priority, the least goes first. Of a task: waits, an
 * enum task_wait; wants, approvals that it lacks; author, the session that added it, or
 * 0; timeout, seconds from its start on, or 0; rests, until when it is given to nobody;
 * fleet, exactly one computer is to do it (`claim: one`); passed, how often more urgent
 * ones were taken before it; parted, others do it in parts; stood, its state when an
 * answer of ours ended it, or '': nothing has, or something else. words: of theirs that
 * have a number, their digest (message_words_digest). early: when it came, or
 * one of ours went out, by another way than git; brought: when git brought it */
"CREATE TABLE message (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
" direction INTEGER NOT NULL, sfrom INTEGER NOT NULL, sto INTEGER NOT NULL,"
" seq INTEGER NOT NULL, type TEXT NOT NULL, sent INTEGER NOT NULL,"
" re TEXT, origin TEXT, clone TEXT, digest TEXT, state TEXT NOT NULL,"
" note TEXT, adopted INTEGER,"
" arrived INTEGER NOT NULL, committed INTEGER NOT NULL DEFAULT 0,"
" pushed INTEGER NOT NULL DEFAULT 0, read INTEGER NOT NULL DEFAULT 0,"
" handing INTEGER NOT NULL DEFAULT 0, handed INTEGER NOT NULL DEFAULT 0,"
" instance TEXT, attempt INTEGER NOT NULL DEFAULT 0,"
" slot INTEGER NOT NULL DEFAULT 0, copy INTEGER NOT NULL DEFAULT 0,"
" due INTEGER NOT NULL DEFAULT 0,"
" rank INTEGER NOT NULL DEFAULT 0, fleet INTEGER NOT NULL DEFAULT 0,"
" parted INTEGER NOT NULL DEFAULT 0,"
" session INTEGER NOT NULL DEFAULT 0, token INTEGER NOT NULL DEFAULT 0,"
" claimed INTEGER NOT NULL DEFAULT 0, started INTEGER NOT NULL DEFAULT 0,"
" ended INTEGER NOT NULL DEFAULT 0, holder TEXT, result TEXT,"
" waits INTEGER NOT NULL DEFAULT 0, wants INTEGER NOT NULL DEFAULT 0,"
" author INTEGER NOT NULL DEFAULT 0, timeout INTEGER NOT NULL DEFAULT 0,"
" rests INTEGER NOT NULL DEFAULT 0, passed INTEGER NOT NULL DEFAULT 0,"
" early INTEGER NOT NULL DEFAULT 0, brought INTEGER NOT NULL DEFAULT 0,"
" stood TEXT NOT NULL DEFAULT '',"
" words TEXT, took INTEGER NOT NULL, message TEXT NOT NULL, body TEXT);"
"CREATE INDEX message_re ON message (re, direction, n) WHERE re IS NOT NULL;"
"CREATE INDEX message_origin ON message (origin, words, sent)"
" WHERE origin IS NOT NULL;"
"CREATE INDEX message_unpushed ON message (committed, sfrom, sto, seq, n)"
" WHERE " UNPUSHED ";"
"CREATE INDEX message_early ON message (sfrom, sto, seq) WHERE " UNBROUGHT ";"

/* Task waits until other is completed (change_task). */
"CREATE TABLE dependency (task TEXT, other TEXT, PRIMARY KEY (task, other))"
" WITHOUT ROWID;"
"CREATE INDEX dependency_other ON dependency (other);"

"CREATE TABLE approval (task TEXT, session INTEGER, who TEXT,"
" PRIMARY KEY (task, session)) WITHOUT ROWID;"

/* read, handed … of a message */
"CREATE TABLE moment (n INTEGER PRIMARY KEY, id TEXT NOT NULL,"
" event TEXT NOT NULL, time INTEGER NOT NULL, instance TEXT);"

/* running agents; id: the event that registered it */
"CREATE TABLE session (id INTEGER PRIMARY KEY, number INTEGER NOT NULL,"
" name TEXT, role TEXT, goal TEXT, doing TEXT, pid INTEGER, born INTEGER,"
" boot TEXT, parent INTEGER, terminal TEXT, folder TEXT,"
" since INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0, why TEXT);"
"CREATE INDEX session_live ON session (number, id) WHERE ended = 0;"

/* leases; pid 0: it ends with its session; of a task: when nobody has that any more
 * (change_task), and until is 0 */
"CREATE TABLE lock (name TEXT PRIMARY KEY, token INTEGER NOT NULL,"
" session INTEGER NOT NULL, holder TEXT, pid INTEGER, born INTEGER, boot TEXT,"
" since INTEGER NOT NULL, until INTEGER NOT NULL, ttl INTEGER NOT NULL,"
" task TEXT) WITHOUT ROWID;"
"CREATE INDEX lock_task ON lock (task) WHERE task IS NOT NULL;"
/* which session waits for which, in which process */
"CREATE TABLE lock_wait (session INTEGER PRIMARY KEY, name TEXT NOT NULL,"
" pid INTEGER, born INTEGER, boot TEXT);"

/* which tasks do a task in parts; kind: enum step_kind */
"CREATE TABLE part (task TEXT, kind INTEGER, step INTEGER, id TEXT NOT NULL,"
" PRIMARY KEY (task, kind, step)) WITHOUT ROWID;"
"CREATE INDEX part_id ON part (id);"

/* what this computer wants of the fleet, and has: generation, beat, oid, asked and
 * asked_boot are of what was offered last; held (a generation), from_ms and
 * from_boot of what the branch is known to have; passed (a generation), passed_by of
 * others that had it since */
"CREATE TABLE claim (name TEXT PRIMARY KEY, generation INTEGER NOT NULL DEFAULT 0,"
" beat INTEGER NOT NULL DEFAULT 0, lease INTEGER NOT NULL, by TEXT,"
" session INTEGER NOT NULL, pid INTEGER, born INTEGER, boot TEXT,"
" since INTEGER NOT NULL, oid TEXT NOT NULL DEFAULT '',"
" asked INTEGER NOT NULL DEFAULT 0, asked_boot TEXT NOT NULL DEFAULT '',"
" held INTEGER NOT NULL DEFAULT 0, from_ms INTEGER NOT NULL DEFAULT 0,"
" from_boot TEXT NOT NULL DEFAULT '', passed INTEGER NOT NULL DEFAULT 0,"
" passed_by INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
/* and what the others have; seen, boot: when that changed last, by our clock of
 * leases; listed: the last status that said so */
"CREATE TABLE rival (computer INTEGER, name TEXT, generation INTEGER NOT NULL,"
" beat INTEGER NOT NULL, lease INTEGER NOT NULL, by TEXT, seen INTEGER NOT NULL,"
" boot TEXT, listed INTEGER NOT NULL, PRIMARY KEY (name, computer)) WITHOUT ROWID;"
/* the highest generation of any claim there ever was, and of ours */
"CREATE TABLE generation (one INTEGER PRIMARY KEY CHECK (one = 1),"
" seen INTEGER, taken INTEGER);"
"INSERT INTO generation VALUES (1, 0, 0);"

/* emergencies of the fleet, by the id of their message, and of this computer alone, by
 * a key (computer 0): struct alert */
"CREATE TABLE alert (id TEXT PRIMARY KEY, n INTEGER NOT NULL,"
" computer INTEGER NOT NULL, own INTEGER NOT NULL, who TEXT, text TEXT NOT NULL,"
" since INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0,"
" tries INTEGER NOT NULL DEFAULT 0, handed INTEGER NOT NULL DEFAULT 0,"
" note TEXT, cleared INTEGER NOT NULL DEFAULT 0,"
" cleared_on INTEGER NOT NULL DEFAULT 0, cleared_by TEXT, why TEXT) WITHOUT ROWID;"
"CREATE INDEX alert_open ON alert (computer, n) WHERE cleared = 0;"

/* small values that instances share */
"CREATE TABLE value (key TEXT PRIMARY KEY, value TEXT NOT NULL,"
" generation INTEGER NOT NULL, by TEXT, since INTEGER NOT NULL) WITHOUT ROWID;"

/* what was wanted last of an instance, and how each copy was at its last change */
"CREATE TABLE instance_wish (name TEXT PRIMARY KEY, want TEXT, n INTEGER NOT NULL,"
" time INTEGER NOT NULL) WITHOUT ROWID;"
"CREATE TABLE instance (name TEXT, copy INTEGER, state TEXT,"
" given_up INTEGER NOT NULL, pid INTEGER, born INTEGER, boot TEXT,"
" since INTEGER NOT NULL, reason TEXT, PRIMARY KEY (name, copy)) WITHOUT ROWID;"

/* files that a session is about to change; globs: one a line */
"CREATE TABLE reservation (id INTEGER PRIMARY KEY, base TEXT NOT NULL,"
" globs TEXT NOT NULL, shared INTEGER NOT NULL, session INTEGER NOT NULL,"
" holder TEXT, why TEXT, since INTEGER NOT NULL, until INTEGER NOT NULL);"

/* numbers of streams to us that are missing (why NULL) or rejected */
"CREATE TABLE trouble (id TEXT PRIMARY KEY, n INTEGER NOT NULL,"
" sfrom INTEGER NOT NULL, sto INTEGER NOT NULL, seq INTEGER NOT NULL,"
" why TEXT);"
"CREATE INDEX trouble_number ON trouble (sfrom, sto, seq);"
"CREATE INDEX trouble_missing ON trouble (sfrom, sto, n) WHERE why IS NULL;"
"CREATE INDEX trouble_rejected ON trouble (sfrom, sto, n) WHERE why IS NOT NULL;"

/* a message of theirs that was said again, at another time: its text then */
"CREATE TABLE repeated (id TEXT, digest TEXT, PRIMARY KEY (id, digest))"
" WITHOUT ROWID;"

"CREATE TABLE in_stream (sfrom INTEGER, sto INTEGER, clone TEXT,"
" upto INTEGER, blob TEXT, PRIMARY KEY (sfrom, sto)) WITHOUT ROWID;"

/* Of streams whose writer has no trine: how often a line stood in any version
 * read, and the last commit read that added it; and of the stream, the last that
 * added any. */
"CREATE TABLE hand_line (sfrom INTEGER, sto INTEGER, digest TEXT,"
" most INTEGER NOT NULL, oid TEXT NOT NULL,"
" PRIMARY KEY (sfrom, sto, digest)) WITHOUT ROWID;"
"CREATE TABLE hand_stream (sfrom INTEGER, sto INTEGER, mark TEXT NOT NULL,"
" PRIMARY KEY (sfrom, sto)) WITHOUT ROWID;"

/* floor: numbers up to it are used, by whomever */
"CREATE TABLE out_stream (sfrom INTEGER, sto INTEGER,"
" floor INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0,"
" open_first INTEGER NOT NULL DEFAULT 1, preamble BLOB,"
" PRIMARY KEY (sfrom, sto)) WITHOUT ROWID;"

"CREATE TABLE segment (sfrom INTEGER, sto INTEGER, number INTEGER,"
" first INTEGER, last INTEGER, blob TEXT,"
" PRIMARY KEY (sfrom, sto, number)) WITHOUT ROWID;"

"CREATE TABLE peer (computer INTEGER PRIMARY KEY, name TEXT, clone TEXT,"
" state TEXT, format INTEGER, updated INTEGER, heartbeat INTEGER,"
" seen INTEGER, blob TEXT, oid TEXT);"

/* all receipts in the newest status of each peer */
"CREATE TABLE peer_received (computer INTEGER, sfrom INTEGER, sto INTEGER,"
" upto INTEGER, mark TEXT, PRIMARY KEY (computer, sfrom, sto))"
" WITHOUT ROWID;"
"CREATE INDEX peer_received_stream ON peer_received (sfrom, sto);"

/* when a peer's receipt of a stream of ours rose above all before, and it listed all
 * that it misses of it or rejected */
"CREATE TABLE receipt (sfrom INTEGER, sto INTEGER, computer INTEGER,"
" upto INTEGER, time INTEGER, PRIMARY KEY (sfrom, sto, computer, upto))"
" WITHOUT ROWID;"

/* what a peer rejects or misses of ours; listed: the last status that said so;
 * over: when one no longer did */
"CREATE TABLE complaint (computer INTEGER, id TEXT, why TEXT,"
" since INTEGER, listed INTEGER, over INTEGER,"
" PRIMARY KEY (computer, id)) WITHOUT ROWID;"
"CREATE INDEX complaint_open ON complaint (computer, id) WHERE over = 0;"
"CREATE INDEX complaint_id ON complaint (id);"

"CREATE TABLE mark (one INTEGER PRIMARY KEY CHECK (one = 1), tip TEXT,"
" tip_time INTEGER, vouched TEXT, all_start TEXT, published TEXT);"
"INSERT INTO mark VALUES (1, '', 0, '', '', '');"

/* what of a new tip is recorded already */
"CREATE TABLE reading (walk TEXT, oid TEXT, PRIMARY KEY (walk, oid))"
" WITHOUT ROWID;"

/* state as in enum commit_state; n: the event that made it; place: n of the
 * first of those it is a rebuilt form of; tried: a push of it was, by a clone of which
 * none had been accepted */
"CREATE TABLE own_commit (oid TEXT PRIMARY KEY, n INTEGER NOT NULL,"
" place INTEGER NOT NULL, parent TEXT NOT NULL, state INTEGER NOT NULL,"
" tried INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
"CREATE INDEX own_commit_unpushed ON own_commit (n) WHERE state = 0;"

"CREATE TABLE version (path TEXT, oid TEXT, PRIMARY KEY (path, oid))"
" WITHOUT ROWID;"

"CREATE TABLE desk (path TEXT PRIMARY KEY, blob TEXT NOT NULL)"
" WITHOUT ROWID;"
/* what publish was about to write there, and has not; open: as far as is known, as it
 * has not ended since */
"CREATE TABLE desk_intent (path TEXT PRIMARY KEY, blob TEXT NOT NULL,"
" open INTEGER NOT NULL) WITHOUT ROWID;"
"CREATE TABLE desk_version (path TEXT, blob TEXT, PRIMARY KEY (path, blob))"
" WITHOUT ROWID;"

/* Other branches than the fleet's: the tip looked at, or ("") none yet; what
 * could not be fetched, and how often not */
"CREATE TABLE branch (name TEXT PRIMARY KEY, tip TEXT NOT NULL,"
" taken INTEGER NOT NULL, why TEXT NOT NULL, failed TEXT NOT NULL,"
" failures INTEGER NOT NULL) WITHOUT ROWID;"
/* what of them the fleet's branch lacks; seq: of a structured message, else the
 * digest of a line and how often it stands there */
"CREATE TABLE branch_news (branch TEXT, time INTEGER NOT NULL, path TEXT,"
" oid TEXT, digest TEXT NOT NULL, most INTEGER NOT NULL, seq INTEGER NOT NULL,"
" PRIMARY KEY (branch, path, oid)) WITHOUT ROWID;"
/* commits read there */
"CREATE TABLE beside (oid TEXT PRIMARY KEY) WITHOUT ROWID;"

/* Which messages have another text since event `seq`, or none any more: search.db
 * learns by it. n 0: it cannot be said which, the log lost some. */
"CREATE TABLE reworded (seq INTEGER PRIMARY KEY, n INTEGER NOT NULL);"

"CREATE TABLE copy (n INTEGER PRIMARY KEY, path TEXT NOT NULL,"
" digest TEXT NOT NULL, name TEXT, who TEXT, time INTEGER NOT NULL,"
" counted INTEGER NOT NULL);"
"CREATE INDEX copy_text ON copy (path, digest);"
"CREATE INDEX copy_name ON copy (name);"
"CREATE INDEX copy_path_time ON copy (path, time) WHERE counted = 0;"
"CREATE INDEX copy_time ON copy (time) WHERE counted = 0;"

"CREATE TABLE put_back (n INTEGER PRIMARY KEY, path TEXT NOT NULL,"
" time INTEGER NOT NULL, blob TEXT NOT NULL);"
"CREATE INDEX put_back_path_time ON put_back (path, time);"
"CREATE INDEX put_back_time ON put_back (time);"

"CREATE TABLE problem (code TEXT, key TEXT, text TEXT, since INTEGER,"
" PRIMARY KEY (code, key)) WITHOUT ROWID;";

/* These no event needs to be applied, only who asks: made behind the log of a
 * new view, where sorting once costs less than keeping them. With them the view is
 * whole. */
const char sql_indexes[] =
"CREATE INDEX message_stream ON message (sfrom, sto, seq, n);"
"CREATE INDEX message_words ON message (sfrom, sto, words, seq, n)"
" WHERE words IS NOT NULL;"
"CREATE INDEX message_typed ON message"
" (sfrom, sto, " BEGINNING("body") ", seq, n) WHERE " TYPED ";"
"CREATE INDEX message_arrived ON message (arrived);"
"CREATE INDEX message_hand ON message"
" (sfrom, sto, json_extract(message, '$.title'), re) WHERE seq = 0;"
"CREATE INDEX message_by_hand ON message"
" (sfrom, sto, json_extract(message, '$.title')) WHERE " BY_HAND ";"
"CREATE INDEX message_unread ON message (sfrom, sto, seq, n)"
" WHERE " UNREAD ";"
"CREATE INDEX message_line ON message (instance, rank, n)"
" WHERE " IN_LINE ";"
"CREATE INDEX message_open ON message (rank, n) WHERE " OPEN ";"
"CREATE INDEX message_free ON message (rank, n) WHERE " FREE ";"
"CREATE INDEX message_noted ON message (rank, n) WHERE " NOTED ";"
"CREATE INDEX message_busy ON message (sfrom, sto, seq, n) WHERE " BUSY ";"
"CREATE INDEX moment_id ON moment (id);"
"CREATE INDEX moment_instance ON moment (instance, time)"
" WHERE event IN ('started', 'handed');"
"PRAGMA user_version = " TEXT_OF(SCHEMA) ";";
