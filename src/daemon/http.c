/*
 * What of a request we understand, and how answers look (web.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/mem.h"
#include "trine/text.h"
#include "web.h"

enum { OUT_HEAD = LWS_PRE + 2048, PATH_MOST = 1024, VALUE_MOST = 2048 };

/* ---- reading ---- */

static void copy_header(struct lws *wsi, enum lws_token_indexes which, char *out,
			size_t size)
{
	if (lws_hdr_copy(wsi, out, (int)size, which) < 0)
		out[0] = '\0';
}

/* One of those that libwebsockets has no number for. NAME ends in a colon. */
static void copy_other(struct lws *wsi, const char *name, char *out, size_t size)
{
	if (lws_hdr_custom_copy(wsi, out, (int)size, name, (int)strlen(name)) < 0)
		out[0] = '\0';
}

static void read_method(struct request *r, struct lws *wsi)
{
	char *path;
	int len, method = lws_http_get_uri_and_method(wsi, &path, &len);

	r->method = METHOD_OTHER;
	if (method == LWSHUMETH_GET || method == LWSHUMETH_HEAD)
		r->method = METHOD_GET;
	else if (method == LWSHUMETH_POST)
		r->method = METHOD_POST;
	r->head = method == LWSHUMETH_HEAD;
	r->path = method >= 0 ? xstrndup(path, (size_t)len) : xstrdup("");
}

static int refuse(int *status, int code, struct error *err)
{
	*status = code;
	return err->code;
}

/* -1 without one. A length that is none, or in pieces: where a request ends must not
 * be a matter of opinion. */
static void read_length(struct request *r, struct lws *wsi, int *status,
			struct error *err)
{
	char text[24];
	uint64_t length;

	r->length = -1;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
		error_set(err, ERR_USAGE, "a body in pieces (Transfer-Encoding) is not "
			  "read: say its Content-Length");
		refuse(status, 411, err);
		return;
	}
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0)
		return;
	copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text));
	if (!text_number(span_str(text), &length) || length > INT64_MAX) {
		error_set(err, ERR_USAGE, "Content-Length is no number");
		refuse(status, 400, err);
		return;
	}
	r->length = (int64_t)length;
	if (length > WEB_BODY) {
		error_set(err, ERR_DATA, "a body of %llu bytes is too large: %d are the "
			  "most", (unsigned long long)length, WEB_BODY);
		refuse(status, 413, err);
	}
}

static void read_query(struct request *r, struct lws *wsi, int *status,
		       struct error *err)
{
	char text[VALUE_MOST];

	for (int i = 0; ; i++) {
		int len = lws_hdr_copy_fragment(wsi, text, sizeof(text),
						WSI_TOKEN_HTTP_URI_ARGS, i);
		char *value;

		if (len < 0 && lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS,
						       i) == 0)
			return;
		if (len < 0 || r->query_count == WEB_QUERY) {
			error_set(err, ERR_USAGE, "too much stands behind the `?`");
			refuse(status, 414, err);
			return;
		}
		value = strchr(text, '=');
		if (value != NULL)
			*value++ = '\0';
		r->query[r->query_count++] = (struct parameter){
			xstrdup(text), xstrdup(value != NULL ? value : "") };
	}
}

void request_read(struct request *r, struct lws *wsi, int *status, struct error *err)
{
	bool local = r->local, hub = r->hub;

	request_release(r);
	r->local = local;
	r->hub = hub;
	*status = 0;
	read_method(r, wsi);
	copy_header(wsi, WSI_TOKEN_HOST, r->host, sizeof(r->host));
	copy_header(wsi, WSI_TOKEN_ORIGIN, r->origin, sizeof(r->origin));
	copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, r->type, sizeof(r->type));
	copy_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, r->authorization,
		    sizeof(r->authorization));
	copy_other(wsi, "sec-fetch-site:", r->site, sizeof(r->site));
	copy_other(wsi, "trine-session:", r->session, sizeof(r->session));
	copy_other(wsi, "trine-computer:", r->claimed, sizeof(r->claimed));
	copy_other(wsi, "last-event-id:", r->last_event, sizeof(r->last_event));
	read_query(r, wsi, status, err);
	if (*status == 0)
		read_length(r, wsi, status, err);
	if (*status == 0 && strlen(r->path) > PATH_MOST) {
		error_set(err, ERR_USAGE, "the path is too long");
		*status = 414;
	}
	if (*status == 0 && !text_is_utf8(r->path, strlen(r->path))) {
		error_set(err, ERR_USAGE, "the path is no UTF-8");
		*status = 400;
	}
}

void request_release(struct request *r)
{
	for (size_t i = 0; i < r->query_count; i++) {
		free(r->query[i].name);
		free(r->query[i].value);
	}
	free(r->path);
	buf_release(&r->body);
	*r = (struct request){ .body = BUF_INIT };
}

const char *request_query(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->query_count; i++)
		if (strcmp(r->query[i].name, name) == 0)
			return r->query[i].value;
	return NULL;
}

/* ---- errors ---- */

static const struct {
	enum error_code code;
	int status;
	const char *word;
} codes[] = {
	{ ERR_NO, 409, "no" },
	{ ERR_USAGE, 422, "usage" },
	{ ERR_DATA, 422, "data" },
	{ ERR_NOTFOUND, 404, "notfound" },
	{ ERR_INTERNAL, 500, "internal" },
	{ ERR_IO, 507, "io" },
	{ ERR_AGAIN, 503, "again" },
	{ ERR_REFUSED, 403, "refused" },
	{ ERR_CONFIG, 409, "config" },
};

/* What the status alone says, and what is to be done then. */
static const struct {
	int status;
	const char *word, *hint;
} statuses[] = {
	{ 400, "malformed", "What stands behind the `?`, and a body, are as "
	  "/api/openapi.json says" },
	{ 401, "token", "Send `Authorization: Bearer TOKEN`; the token is in "
	  ".trine/run/token, and the Unix socket .trine/run/api.sock wants none. To the "
	  "hub another computer sends `Trine-Computer: N`, and what `trine daemon token N` "
	  "prints there" },
	{ 403, NULL, "Somebody has to decide that; nothing was changed" },
	{ 404, NULL, "/api/openapi.json lists what there is" },
	{ 405, "method", "/api/openapi.json says which methods there are" },
	{ 408, "slow", "Send the whole request at once" },
	{ 409, NULL, "Another one was faster, or has it: ask who, or take something "
	  "else" },
	{ 411, "length", "Send the body whole, with its Content-Length" },
	{ 413, "large", "Put the rest into a file under shared/, and name that" },
	{ 414, "long", "Send less" },
	{ 415, "type", "Send `Content-Type: application/json`" },
	{ 422, NULL, "/api/openapi.json describes each field" },
	{ 429, "often", "Wait as long as Retry-After says" },
	{ 500, NULL, "That is a bug; please report it, with what .trine/run/logs/trined.log "
	  "says" },
	{ 503, NULL, "Wait as long as Retry-After says, and ask again" },
	{ 507, NULL, "Look after the disk; nothing was changed" },
};

int http_status(enum error_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code)
			return codes[i].status;
	return 500;
}

static const char *hint_of(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].hint;
	return "";
}

const char *http_code_word(int status, enum error_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].status == status && statuses[i].word != NULL)
			return statuses[i].word;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code)
			return codes[i].word;
	return "internal";
}

/* ---- answers ---- */

void answer_json(struct answer *a, int status, json_t *json)
{
	char *text = json_dumps(mem_need(json), JSON_COMPACT | JSON_PRESERVE_ORDER);

	a->status = status;
	a->type = "application/json";
	buf_reset(&a->body);
	buf_adds(&a->body, text != NULL ? text : "null");
	buf_addc(&a->body, '\n');
	free(text);
	json_decref(json);
}

void answer_text(struct answer *a, int status, const char *text)
{
	a->status = status;
	a->type = "text/plain; charset=utf-8";
	buf_reset(&a->body);
	buf_adds(&a->body, text);
}

void answer_error(struct answer *a, int status, const struct error *err)
{
	struct buf text = BUF_INIT;

	/* it may quote what came in, and need not be UTF-8 */
	text_escape(&text, err->text, strlen(err->text), true);
	answer_json(a, status, json_pack("{s:i, s:{s:s, s:s, s:s}}", "schema", 1,
		"error", "code", http_code_word(status, err->code),
		"text", text.data, "hint", hint_of(status)));
	if (status == 429 || status == 503)
		a->retry = a->retry > 0 ? a->retry : 1;
	buf_release(&text);
}

static int add_header(struct lws *wsi, const char *name, const char *value,
		      unsigned char **at, unsigned char *end)
{
	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
					   (const unsigned char *)value,
					   (int)strlen(value), at, end);
}

/* Nothing that comes from here is anybody else's to frame, to keep or to guess at. */
static int add_headers(const struct answer *a, struct lws *wsi, unsigned char **at,
		       unsigned char *end)
{
	char retry[16];
	int failed = 0;

	snprintf(retry, sizeof(retry), "%d", a->retry);
	failed |= add_header(wsi, "content-security-policy:", a->policy[0] != '\0' ?
			     a->policy : "default-src 'none'", at, end);
	failed |= add_header(wsi, "x-frame-options:", "DENY", at, end);
	failed |= add_header(wsi, "x-content-type-options:", "nosniff", at, end);
	failed |= add_header(wsi, "referrer-policy:", "no-referrer", at, end);
	failed |= add_header(wsi, "cross-origin-resource-policy:", "same-origin", at,
			     end);
	failed |= add_header(wsi, "cache-control:", a->cache != NULL ? a->cache :
			     "no-store", at, end);
	if (a->retry > 0)
		failed |= add_header(wsi, "retry-after:", retry, at, end);
	if (a->status == 401)
		failed |= add_header(wsi, "www-authenticate:", "Bearer", at, end);
	if (a->close)
		failed |= add_header(wsi, "connection:", "close", at, end);
	return failed;
}

int answer_write(struct answer *a, struct lws *wsi, bool head)
{
	unsigned char start[OUT_HEAD], *at = start + LWS_PRE;
	unsigned char *end = start + sizeof(start) - 1;
	size_t len = a->body.len;

	if (lws_add_http_common_headers(wsi, (unsigned)a->status, a->type, len, &at,
					end) != 0 ||
	    add_headers(a, wsi, &at, end) != 0 ||
	    lws_finalize_write_http_header(wsi, start + LWS_PRE, &at, end) != 0)
		return -1;
	if (!head && len > 0) {
		unsigned char *body = xmalloc(LWS_PRE + len);
		int sent;

		memcpy(body + LWS_PRE, a->body.data, len);
		sent = lws_write(wsi, body + LWS_PRE, len, LWS_WRITE_HTTP_FINAL);
		free(body);
		if (sent < 0)
			return -1;
	}
	return a->close || lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}
