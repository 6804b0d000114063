/* SPDX-License-Identifier: MIT */
/*
 * xml_out.h - text inside of XML 1.0
 *
 * Any bytes may come: what is no UTF-8, and the two characters that XML forbids
 * there, become U+FFFD. XML 1.0 has no place for control characters, not even
 * escaped: they appear as in a text report, \x1b, but for newlines between
 * tags.
 */
#ifndef ANALYZER_REPORT_XML_OUT_H
#define ANALYZER_REPORT_XML_OUT_H

#include <stdio.h>

/* Between tags. */
void xml_put(FILE *to, const char *text);

/* ` name="value"` */
void xml_attribute(FILE *to, const char *name, const char *value);

#endif
