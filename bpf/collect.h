/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the reply-collecting program and its user side share. */
#ifndef IVB_COLLECT_H
#define IVB_COLLECT_H

#define COLLECT_MAX_QUEUES 4096

#endif
