/* Small facts in files of JSON (home_json.h). */
#include "trine/home_json.h"

#include <stdlib.h>

#include "trine/file.h"
#include "trine/objects.h"

json_t *home_json(const struct home *h, const char *name, size_t most)
{
	char *path = home_path(h, name);
	struct error ignored = ERROR_INIT;
	struct buf bytes = BUF_INIT;
	json_t *json = NULL;

	if (file_read(path, most, &bytes, NULL, &ignored) == 0)
		json = json_loadb(bytes.data, bytes.len, JSON_REJECT_DUPLICATES, NULL);
	buf_release(&bytes);
	free(path);
	return json;
}

int home_put_json(const struct home *h, const char *name, json_t *json,
		  struct error *err)
{
	char *line = json_to_line(json), *path = home_path(h, name);
	int rc = file_put(path, span_str(line), 0600, err);

	free(path);
	free(line);
	return rc;
}
