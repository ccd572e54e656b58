/*
 * A message as a row of the view: what the statements of sql.c that read one have in
 * common.
 */
#ifndef STORE_SQL_RECORDS_H
#define STORE_SQL_RECORDS_H

/* The columns view_message.c reads, in its order. A message of ours to one
 * computer is received when the first receipt covers it, and no complaint is
 * open; it is answered by the first message of the other direction that says
 * so. */
#define CONFIRMED(computer_) \
	"(SELECT max(r.time, coalesce(c.over, 0)) FROM receipt r" \
	" LEFT JOIN complaint c ON c.computer = r.computer AND c.id = m.id" \
	" WHERE r.sfrom = m.sfrom AND r.sto = m.sto" \
	" AND r.computer = " computer_ " AND r.upto >= m.seq" \
	" AND coalesce(c.over, 1) <> 0" \
	" AND (SELECT p.upto FROM peer_received p WHERE p.computer = r.computer" \
	"  AND p.sfrom = m.sfrom AND p.sto = m.sto) >= m.seq" \
	" ORDER BY r.upto LIMIT 1)"
#define ANSWERED \
	"(SELECT a.arrived FROM message a WHERE a.re = m.id" \
	" AND a.direction = 1 - m.direction ORDER BY a.n LIMIT 1)"
#define RECORDS_WITH(confirmed, answered) \
	"SELECT n, id, direction, sfrom, sto, seq, clone, digest, state, note," \
	" adopted, arrived, committed, pushed, read, handing, handed, instance," \
	" re, message, CASE WHEN ?5 THEN NULL ELSE body END," \
	" " confirmed ", " answered ", attempt, slot, copy, due, session, token, claimed," \
	" started, holder, ended, result, waits, wants, author,"	\
	" rests, passed, early, brought FROM message m"
#define RECORDS \
	RECORDS_WITH("CASE WHEN direction = 0 AND sto > 0 THEN " \
		     CONFIRMED("m.sto") " END", ANSWERED)
/* Of tasks to us, or where nobody asks what was answered: half the work to prepare. */
#define TASKS RECORDS_WITH("NULL", "NULL")
#define IN_ORDER " ORDER BY sfrom, sto, seq, n"

#endif
