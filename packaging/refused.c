/* What the single-file release leaves out.
 *
 * Debian's libcurl.a, libgit2.a and libgnutls.a ask for libraries that Debian has as shared ones
 * only, or that nobody here needs: Kerberos, LDAP, RTMP, smart cards.  paas allows curl http and
 * https alone, opens local repositories alone and makes certificates of its own, so that none of
 * these functions is called.  Each refuses: the caller takes the path of a failure.  Where a
 * new version of a library asks for one more, linking fails and names it.
 */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#define FAILS(function)        \
	long function(void)     \
	{                       \
		return -1;      \
	}
#define IS_NULL(function)      \
	void *function(void)    \
	{                       \
		return (void *)0; \
	}

/* clang-format off */

/* Kerberos: curl's and libgit2's "Negotiate". */
extern void *const GSS_C_NT_HOSTBASED_SERVICE;
void *const GSS_C_NT_HOSTBASED_SERVICE = (void *)0;
FAILS(gss_delete_sec_context) FAILS(gss_display_name) FAILS(gss_display_status)
FAILS(gss_import_name) FAILS(gss_indicate_mechs) FAILS(gss_init_sec_context)
FAILS(gss_inquire_context) FAILS(gss_release_buffer) FAILS(gss_release_name)
FAILS(gss_release_oid_set) FAILS(gss_unwrap) FAILS(gss_wrap)

/* LDAP: curl's ldap:// */
FAILS(ber_bvfree) FAILS(ber_free) FAILS(ber_memfree) FAILS(ber_sockbuf_add_io)
FAILS(ldap_abandon_ext) FAILS(ldap_free_urldesc) FAILS(ldap_get_attribute_ber)
FAILS(ldap_get_dn_ber) FAILS(ldap_get_option) FAILS(ldap_init_fd) FAILS(ldap_memfree)
FAILS(ldap_msgfree) FAILS(ldap_msgtype) FAILS(ldap_parse_result)
FAILS(ldap_parse_sasl_bind_result) FAILS(ldap_pvt_url_scheme2proto) FAILS(ldap_result)
FAILS(ldap_sasl_bind) FAILS(ldap_search_ext) FAILS(ldap_set_option) FAILS(ldap_start_tls)
FAILS(ldap_unbind_ext) FAILS(ldap_url_parse)
IS_NULL(ldap_err2string)

/* RTMP: curl's rtmp:// */
FAILS(RTMP_Close) FAILS(RTMP_Free) FAILS(RTMP_Init) FAILS(RTMP_Read) FAILS(RTMP_SetBufferMS)
FAILS(RTMP_Write)
IS_NULL(RTMP_Alloc) IS_NULL(RTMP_Connect1) IS_NULL(RTMP_ConnectStream) IS_NULL(RTMP_SetupURL)

/* Smart cards and trust modules: GnuTLS. */
FAILS(p11_kit_module_finalize) FAILS(p11_kit_module_release)
FAILS(p11_kit_pin_register_callback) FAILS(p11_kit_pin_unref)
FAILS(p11_kit_pin_unregister_callback) FAILS(p11_kit_uri_format) FAILS(p11_kit_uri_free)
FAILS(p11_kit_uri_parse) FAILS(p11_kit_uri_set_attribute)
IS_NULL(p11_kit_config_option) IS_NULL(p11_kit_message) IS_NULL(p11_kit_module_get_flags)
IS_NULL(p11_kit_module_get_name) IS_NULL(p11_kit_module_load) IS_NULL(p11_kit_modules_load)
IS_NULL(p11_kit_pin_file_callback) IS_NULL(p11_kit_pin_get_length)
IS_NULL(p11_kit_pin_get_value) IS_NULL(p11_kit_pin_new_for_string) IS_NULL(p11_kit_pin_request)
IS_NULL(p11_kit_space_strdup) IS_NULL(p11_kit_space_strlen) IS_NULL(p11_kit_strerror)
IS_NULL(p11_kit_uri_get_attribute) IS_NULL(p11_kit_uri_get_attributes)
IS_NULL(p11_kit_uri_get_module_info) IS_NULL(p11_kit_uri_get_pin_source)
IS_NULL(p11_kit_uri_get_pin_value) IS_NULL(p11_kit_uri_get_token_info)
IS_NULL(p11_kit_uri_match_module_info) IS_NULL(p11_kit_uri_match_token_info)
IS_NULL(p11_kit_uri_new)
