/* Debian 12's wine has no bcryptprimitives.dll, from which Rust's standard library takes its random numbers. This stand-in is
 * only for the tests under wine (scripts/platforms.sh). */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return RtlGenRandom(data, (ULONG)length);
}
