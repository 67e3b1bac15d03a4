#include <stdio.h>
int main(void) { puts("paas " PAAS_VERSION); return 0; }
