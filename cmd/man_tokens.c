/* paas-tokens(5): where tokens are kept, and how. */
#include "cmd/man_tokens.h"

#include "cmd/roff.h"
#include "store/token_format.h"

static void
add_list(struct buf *buf, const struct token_field *fields)
{
	buf_add_text(buf, ".Bl -tag -width \"44, 160 bytes each\"\n");
	for (; fields->place != NULL; fields++) {
		buf_printf(buf, ".It %s\n", fields->place);
		roff_add_text(buf, fields->meaning);
	}
	buf_add_text(buf, ".El\n");
}

void
man_write_tokens(struct buf *buf)
{
	roff_add_paragraphs(buf, "The token store keeps the credentials of an engineer: one file, sealed as a whole. It is made at the first "
	                         "login. In CI there is none: tokens come from variables or from the identity of the job.\n\n"
	                         "A thief of the disk, of a backup or of a synchronised folder learns nothing without one of its keys. Programs that run as "
	                         "the same user can ask the same keys, and a key file beside the store protects nothing.");
	buf_add_text(buf, ".Sh FILES\n.Bl -tag -width Ds\n"
	                  ".It Pa $XDG_DATA_HOME/paas/tokens\nThe store, for its owner alone (0600, in a folder that nobody else may write to, with no\n"
	                  "symbolic link on the way below the home folder).\nWithout the variable: below\n.Pa ~/.local/share .\n"
	                  ".It Pa $XDG_DATA_HOME/paas/tokens.lock\nLocked by who changes the store.\nReaders need no lock.\n"
	                  ".It Pa $XDG_STATE_HOME/paas/token-generations\nThe highest generation seen of each store: an old copy that was put back is noticed.\n"
	                  ".El\n.Sh KEYS\n");
	roff_add_paragraphs(buf, "A random master key seals the content. Each key slot holds it, wrapped by something else: a passphrase, a key file (any file of up "
	                         "to 1 MiB that only its owner may read), or a key that the desktop's keyring keeps. They are tried in this order: the key of "
	                         "this session, the key file, the keyring, the passphrase.\n\n"
	                         "The keyring is asked over the session's bus, for a second at most, and nothing is started for it. Its items have the attributes "
	                         "application (paas), store and key, both hexadecimal.\n\n"
	                         "A master key that a passphrase or the keyring opened stays in the kernel's session keyring for 15 minutes, where there is "
	                         "one; see keyrings(7).\n\n"
	                         "A write replaces the file: a crash leaves the old one or the new one.");
	buf_add_text(buf, ".Sh FORMAT\nFields by their first byte, integers big-endian:\n");
	add_list(buf, token_file_fields);
	buf_add_text(buf, ".Ss Key slots\n");
	add_list(buf, token_slot_fields);
	buf_add_text(buf, ".Ss Content\n");
	roff_add_paragraphs(buf, "JSON: an array of objects, one for each system and origin, with the members system, origin, account, kind, scopes, token, "
	                         "refresh_token, expires_at and obtained_at (milliseconds since 1970), and extra, a map of further secrets. Of kind certificate, token is a private key and extra.certificate what it belongs to, both in PEM. Members that a reader does not "
	                         "know are passed over.");
	buf_add_text(buf, ".Sh SEE ALSO\n.Xr paas 1 ,\n.Xr config.yml 5 ,\n.Xr keyrings 7\n");
}
