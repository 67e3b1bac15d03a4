/* Every command, in the order of help: one line each, one file each (cmd/NAME.c). */
#ifndef PAAS_CMD_TABLE_H
#define PAAS_CMD_TABLE_H

#define COMMANDS(_) \
	_(init) \
	_(login) \
	_(logout) \
	_(whoami) \
	_(token) \
	_(validate) \
	_(render) \
	_(diff) \
	_(deploy) \
	_(promote) \
	_(rollback) \
	_(approve) \
	_(cancel) \
	_(releases) \
	_(restart) \
	_(status) \
	_(logs) \
	_(config) \
	_(secrets) \
	_(vars) \
	_(exec) \
	_(forward) \
	_(doctor) \
	_(api) \
	_(open) \
	_(next) \
	_(sandbox) \
	_(completion) \
	_(help) \
	_(version)

#endif
