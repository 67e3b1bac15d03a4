/* How far a connection came: names, wire, certificate. */
#include <string.h>

#include "base/clock.h"
#include "core/doctor/examine.h"
#include "net/http.h"

enum { DAY_MS = 24 * 3600 * 1000, EXPIRY_WARNING_DAYS = 14 };

static void
add_certificate(const struct http_peer *peer, const char *subject, struct doctor_report *report)
{
	int64_t days = (peer->certificate_expires_at_ms - clock_wall_ms()) / DAY_MS;
	if (peer->certificate_expires_at_ms <= 0) {
		doctor_add(report, subject, "tls", DOCTOR_OK,
		           arena_printf(report->arena, "trusted, in %lld ms", (long long)peer->tls_ms), NULL);
		return;
	}
	doctor_add(report, subject, "tls", days < EXPIRY_WARNING_DAYS ? DOCTOR_WARNING : DOCTOR_OK,
	           arena_printf(report->arena, "certificate of %s, %lld days left", peer->certificate_issuer,
	                        (long long)days),
	           days < EXPIRY_WARNING_DAYS ? "renew the certificate of the server" : NULL);
}

void
examine_connection(const struct http_peer *peer, const struct error *failure, const char *subject,
                   struct doctor_report *report)
{
	static const char *const checks[] = {
		[HTTP_PHASE_RESOLVE] = "dns", [HTTP_PHASE_CONNECT] = "connect", [HTTP_PHASE_TLS] = "tls",
		[HTTP_PHASE_ANSWER] = "answer",
	};
	if (peer->proxy[0] != '\0')
		doctor_add(report, subject, "proxy", DOCTOR_OK, arena_printf(report->arena, "through %s", peer->proxy),
		           NULL);
	if (peer->phase > HTTP_PHASE_RESOLVE)
		doctor_add(report, subject, "dns", DOCTOR_OK,
		           arena_printf(report->arena, "resolved in %lld ms", (long long)peer->resolve_ms), NULL);
	if (peer->phase > HTTP_PHASE_CONNECT)
		doctor_add(report, subject, "connect", DOCTOR_OK,
		           arena_printf(report->arena, "%s in %lld ms", peer->address, (long long)peer->connect_ms),
		           NULL);
	if (peer->phase > HTTP_PHASE_TLS && peer->is_tls)
		add_certificate(peer, subject, report);
	if (failure != NULL)
		doctor_add_error(report, subject, checks[peer->phase], failure);
}
