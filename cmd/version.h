/* The version of this binary, "1.4.2". */
#ifndef PAAS_CMD_VERSION_H
#define PAAS_CMD_VERSION_H

extern const char version_text[];

#endif
