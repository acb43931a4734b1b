// Generated from the API's description by serving/api/http/openapi.test.ts.
export interface paths {
    "/v1/ads/popular_ads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The most clicked ads of the last minutes, exact */
        get: operations["popularAds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts and rates of all ads or of some, by up to two of ad, campaign, advertiser, country and units of time */
        get: operations["report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ads/{ad_id}/aggregated_count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The clicks of an ad in a range of time */
        get: operations["aggregatedCount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ads/{ad_id}/performance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Impressions, clicks and conversions of an ad in a range of time, and their rates */
        get: operations["adPerformance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ads/{ad_id}/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The clicks of an ad in tumbling, hopping or sliding windows */
        get: operations["adSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ads/{ad_id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions of users on an ad: clicks of a user that are at most a gap apart */
        get: operations["adSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ads with events or names, by id: what they are called now, and the minutes of their first and last events */
        get: operations["listAds"];
        /**
         * Names of ads, their campaigns and advertisers, from a time on: all of the rows or none
         * @description For admins only.
         */
        put: operations["putAds"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clicks/{event_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where each copy of an event id is stored, and whether and by which runs it was counted
         * @description For admins only.
         */
        get: operations["trace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/filters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The registered filters, and 0: all clicks
         * @description Not for advertisers.
         */
        get: operations["listFilters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/filters/try": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a filter that is not registered would have matched of the last minutes
         * @description Not for advertisers.
         */
        post: operations["tryFilter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/filters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A registered filter
         * @description Not for advertisers.
         */
        get: operations["filter"];
        /**
         * Registers a filter, or changes it
         * @description For admins only.
         */
        put: operations["putFilter"];
        post?: never;
        /**
         * Deletes a filter
         * @description For admins only.
         */
        delete: operations["deleteFilter"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs, the newest first
         * @description Not for advertisers.
         */
        get: operations["listRuns"];
        put?: never;
        /**
         * Recounts ended days; or previews what a recount would change, or accepts blocked ones
         * @description For admins only.
         */
        post: operations["requestRuns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollbacks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a day's current run back, or returns to the older one that is named
         * @description For admins only.
         */
        post: operations["requestRollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/run_requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far a request is, and what came of it
         * @description Not for advertisers.
         */
        get: operations["runRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{date}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The report by which a day's newest run was let through or blocked
         * @description Not for advertisers.
         */
        get: operations["reconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rejected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was rejected, counted by reason, and the latest of it
         * @description For admins only.
         */
        get: operations["rejected"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rejected/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends rejected lines again that are events by the rules of now
         * @description For admins only.
         */
        post: operations["redrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How fresh the counts are */
        get: operations["status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether it can answer questions */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Receipt: {
            /**
             * Format: date-time
             * @description The time that was asked for, of a question about the past
             */
            as_of?: string;
            /**
             * @description provisional: part of the range has no run yet; restated: a run has replaced another; not_run: part of the range is of days before the kind of event was first run, and the count is null
             * @enum {string}
             */
            status: "final" | "restated" | "provisional" | "not_run";
            /** @description What runs have counted, and which */
            batch: {
                count: number | null;
                from: string | null;
                to: string | null;
                runs: {
                    /** Format: date */
                    date: string;
                    run: number;
                }[];
            };
            /** @description What has been counted as it came, of days without a run */
            realtime: {
                count: number | null;
                from: string | null;
                to: string | null;
            };
            /** @description What arrived before then is counted */
            watermark: string | null;
            /** @description Minutes before then are closed */
            boundary: string | null;
            /** @description Clicks that came after the cut of their day, not in the count; null: not known */
            late: number | null;
            /** @description Stores that the counts are from */
            sources: ("elasticsearch" | "clickhouse" | "hive")[];
            /** @description What is known to be missing or in doubt, of which time (null: of any); absent when nothing is */
            warnings?: {
                warning: string;
                means: string;
                from: string | null;
                to: string | null;
            }[];
        };
        AggregatedCount: {
            ad_id: string;
            count: number | null;
            receipt: components["schemas"]["Receipt"];
        };
        Receipts: {
            click: components["schemas"]["Receipt"];
            impression: components["schemas"]["Receipt"];
            conversion: components["schemas"]["Receipt"];
        };
        KindCount: {
            count: number | null;
            receipt: components["schemas"]["Receipt"];
        };
        Performance: {
            ad_id: string;
            impressions: components["schemas"]["KindCount"];
            clicks: components["schemas"]["KindCount"];
            conversions: components["schemas"]["KindCount"];
            /** @description Clicks per impression; null without impressions */
            ctr: number | null;
            /** @description Conversions per click; null without clicks */
            cvr: number | null;
            /**
             * @description The worst of the three: not_run, provisional, restated, final
             * @enum {string}
             */
            status: "final" | "restated" | "provisional" | "not_run";
            /** @description The least boundary of the kinds: minutes from then on are counted up to different moments. null: not known */
            complete_to: string | null;
        };
        PopularAds: {
            ad_ids: string[];
            ads: {
                ad_id: string;
                count: number | null;
                impressions?: number | null;
                clicks?: number | null;
                conversions?: number | null;
                /** @description Clicks per impression; null without impressions */
                ctr?: number | null;
                /** @description Conversions per click; null without clicks */
                cvr?: number | null;
            }[];
            window: number;
            /** Format: date-time */
            update_time_minute: string;
            receipt: components["schemas"]["Receipt"];
            /** @description With "order" */
            receipts?: components["schemas"]["Receipts"];
        };
        Series: {
            ad_id: string;
            /** @description Seconds, or a unit of the calendar */
            size: number | ("1h" | "1d" | "1w" | "1mo");
            /** @description Seconds; absent for units of the calendar */
            hop?: number;
            /** @description The zone of units of the calendar */
            tz?: string;
            points: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
                count?: number | null;
                impressions?: number | null;
                clicks?: number | null;
                conversions?: number | null;
                /** @description Clicks per impression; null without impressions */
                ctr?: number | null;
                /** @description Conversions per click; null without clicks */
                cvr?: number | null;
                /** @enum {string} */
                status: "final" | "restated" | "provisional" | "not_run";
            }[];
            receipt?: components["schemas"]["Receipt"];
            receipts?: components["schemas"]["Receipts"];
            /** @enum {string} */
            status?: "final" | "restated" | "provisional" | "not_run";
            /** @description The least boundary of the kinds: minutes from then on are counted up to different moments. null: not known */
            complete_to?: string | null;
        };
        Report: {
            by: ("ad" | "campaign" | "advertiser" | "country" | "minute" | "hour" | "day" | "week" | "month")[];
            metrics: ("impressions" | "clicks" | "conversions" | "ctr" | "cvr")[];
            /** @description Each has the keys of "by" and the metrics, and no others */
            rows: {
                ad_id?: string;
                campaign?: string | null;
                advertiser?: string | null;
                country?: string;
                /** Format: date-time */
                minute?: string;
                /** Format: date-time */
                hour?: string;
                /** Format: date-time */
                day?: string;
                /** Format: date-time */
                week?: string;
                /** Format: date-time */
                month?: string;
                impressions?: number | null;
                clicks?: number | null;
                conversions?: number | null;
                /** @description Clicks per impression; null without impressions */
                ctr?: number | null;
                /** @description Conversions per click; null without clicks */
                cvr?: number | null;
            }[];
            /** @description Of all rows, not only those of the page */
            total: {
                impressions?: number | null;
                clicks?: number | null;
                conversions?: number | null;
                /** @description Clicks per impression; null without impressions */
                ctr?: number | null;
                /** @description Conversions per click; null without clicks */
                cvr?: number | null;
            };
            rows_in_all: number;
            /** @description Of the kinds behind the metrics */
            receipts: {
                click?: components["schemas"]["Receipt"];
                impression?: components["schemas"]["Receipt"];
                conversion?: components["schemas"]["Receipt"];
            };
            /** @enum {string} */
            status: "final" | "restated" | "provisional" | "not_run";
            /** @description The least boundary of the kinds: minutes from then on are counted up to different moments. null: not known */
            complete_to: string | null;
            /**
             * Format: uuid
             * @description Ask with it for other pages of the same state
             */
            snapshot: string;
        };
        Sessions: {
            ad_id: string;
            gap: number;
            total: number | null;
            users: number | null;
            clicks: number | null;
            mean_clicks: number | null;
            mean_seconds: number | null;
            sessions: {
                user_id: string;
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
                clicks: number;
            }[];
            receipt: components["schemas"]["Receipt"];
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @description That of the header X-Request-Id; log lines about the request have it */
            request_id: string;
        } & {
            [key: string]: unknown;
        };
        Run: {
            /** Format: date */
            date: string;
            run: number;
            /** @enum {string} */
            state: "counting" | "failed" | "blocked" | "accepted" | "previewed" | "published" | "superseded" | "rolled_back";
            reason: string;
            requested_by: string;
            /** Format: date-time */
            started_at: string;
            finished_at: string | null;
            published_at: string | null;
            rolled_back_at: string | null;
            clicks: number;
            copies_dropped: number;
            late_included: number;
            cut: {
                [key: string]: number;
            };
            inputs: string;
            difference: number;
            conflicts: number;
            annotation_conflicts: number;
            previous_run: number;
            change: number;
            /** @enum {string} */
            verdict: "balanced" | "tolerated" | "blocked" | "unattributable" | "";
            unexplained: number;
            accepted_by: string;
            accepted_reason: string;
            request: string;
            note: string;
        };
        Runs: {
            runs: components["schemas"]["Run"][];
        };
        RunRequest: {
            /** Format: uuid */
            request: string;
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @enum {string} */
            action: "rebuild" | "preview" | "accept" | "rollback" | "redrive";
            reason: string;
            requested_by: string;
            /** @description Where its runs are listed */
            runs: string;
            /** @description Where it says how far it is */
            progress: string;
        };
        RequestProgress: {
            /** Format: uuid */
            request: string;
            /** @enum {string} */
            action: "rebuild" | "preview" | "accept" | "rollback" | "redrive";
            from: string | null;
            to: string | null;
            /** @description That of a roll-back */
            run: number | null;
            /** @description The only reason of a re-drive; null: all */
            rejected_for: string | null;
            reason: string;
            requested_by: string;
            /** @description X-Request-Id of the request that asked; null: from an earlier release */
            request_id: string | null;
            /** Format: date-time */
            asked_at: string;
            /**
             * @description Of all kinds: failed if nothing came of a part of it
             * @enum {string}
             */
            state: "asked" | "working" | "done" | "failed";
            kinds: {
                /** @enum {string} */
                event: "click" | "impression" | "conversion";
                /** @enum {string} */
                state: "asked" | "working" | "done" | "failed";
                /** @description The day that is worked on */
                day: string | null;
                /** @description Its last step; "over" ends a day */
                step: string | null;
                /**
                 * Format: date-time
                 * @description When that was
                 */
                at: string;
                days_over: number;
                /** @description In the end: what was done, or why not */
                note: string;
            }[];
            /** @description What a preview has found, a day each */
            previews: {
                /** @enum {string} */
                event: "click" | "impression" | "conversion";
                /** Format: date */
                date: string;
                run: number;
                previous_run: number;
                before: number;
                after: number;
                ads_changed: number;
                /** @enum {string} */
                verdict: "balanced" | "tolerated" | "blocked" | "unattributable";
                unexplained: number;
                /** @description Those that change most, at most 100 */
                ads: {
                    ad_id: string;
                    before: number;
                    after: number;
                    change: number;
                }[];
            }[];
            /** @description What a re-drive has done */
            redriven: {
                sent: number;
                found_sent: number;
                settled_before: number;
                copies: number;
                annotations_left_out: number;
                not_run: number;
                still_rejected: {
                    [key: string]: number;
                };
            } | null;
        };
        Rejected: {
            /** @description The most frequent first */
            reasons: {
                reason: string;
                count: number;
                redriven: number;
                /** Format: date-time */
                first_at: string;
                /** Format: date-time */
                last_at: string;
                example: string;
            }[];
            /** @description The latest, in the order they came */
            rejected: {
                rejection: string;
                reason: string;
                /** Format: date-time */
                at: string;
                place: string;
                line?: string;
                line_base64?: string;
                message_base64?: string | null;
                redriven: boolean;
            }[];
        };
        Trace: {
            event_id: string;
            event: ("click" | "impression" | "conversion") | null;
            /**
             * @description copy: one that real time has dropped
             * @enum {string}
             */
            stored: "raw" | "copy" | "rejected";
            ad_id: string | null;
            time: string | null;
            message: {
                topic: string;
                partition: number;
                offset: number;
            } | null;
            /** @description Runs that it arrived in time for */
            runs: {
                /** Format: date */
                date: string;
                run: number;
            }[];
            /** @description Whether it is in the answer of now */
            counted: boolean;
            /** @description Why not: copy_in_window, copy_in_run, late, or the reason of a rejection */
            reason?: string;
            /** @description null: a line that brought its id itself */
            line: {
                host: string;
                file: string | null;
                byte: number;
            } | null;
            /** @description null: no run has read it */
            archive: {
                file: string;
                sha256: string;
            } | null;
            /** @description Further copies of the event id */
            others: number;
            /** @description The first hundred, in the order they arrived */
            copies: {
                event: ("click" | "impression" | "conversion") | null;
                /**
                 * @description copy: one that real time has dropped
                 * @enum {string}
                 */
                stored: "raw" | "copy" | "rejected";
                ad_id: string | null;
                time: string | null;
                message: {
                    topic: string;
                    partition: number;
                    offset: number;
                } | null;
                /** @description Runs that it arrived in time for */
                runs: {
                    /** Format: date */
                    date: string;
                    run: number;
                }[];
                /** @description Whether it is in the answer of now */
                counted: boolean;
                reason: string | null;
                country: string | null;
                /** Format: date-time */
                arrived_at: string;
            }[];
        };
        Filter: {
            id: number;
            name: string;
            where: {
                country?: string[];
                ip?: string[];
                user_id?: string[];
                not?: {
                    country?: string[];
                    ip?: string[];
                    user_id?: string[];
                };
            };
            revision: number;
            since: string | null;
        };
        Filters: {
            filters: components["schemas"]["Filter"][];
        };
        Ads: {
            ads: {
                ad_id: string;
                name: string | null;
                campaign: string | null;
                advertiser: string | null;
                /** @description The minute of its first event that is kept, of any kind; null: it has none */
                first: string | null;
                /** @description The minute of its last event */
                last: string | null;
            }[];
        };
        AdNames: {
            /** @description The last revision of names; 0: there is none yet */
            revision: number;
            /** @description Rows that were sent */
            entries: number;
            /** @description Those that said something new */
            changed: number;
        };
        TriedFilter: {
            minutes: number;
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            /** @description Those that match, as they came: copies may be among them */
            clicks: number;
            /** @description All clicks of these minutes */
            of: number;
            /** @description The ten ads with most of them */
            ads: {
                ad_id: string;
                count: number;
            }[];
        };
        Reconciliation: {
            /** Format: date */
            date: string;
            run: number;
            /** Format: date-time */
            reconciled_at: string;
            /** @enum {string} */
            verdict: "balanced" | "tolerated" | "blocked" | "unattributable";
            unexplained_limit: number;
            /** @enum {string} */
            raw: "kept" | "gone";
            realtime: number;
            counted: number;
            difference: number;
            late: number;
            copies: number;
            redriven: number;
            unattributed: number;
            collision: number;
            lost: number;
            surplus: number;
            ad_minutes: number;
            unexplained: number;
            rules: {
                rule: string;
                left: number;
                right: number;
                ok: boolean;
            }[];
            worst_ads: {
                ad_id: string;
                realtime: number;
                counted: number;
                difference: number;
                late: number;
                copies: number;
                redriven: number;
                unattributed: number;
                collision: number;
                unexplained: number;
            }[];
        };
        Status: {
            watermark: string | null;
            boundary: string | null;
            freshness_seconds: number | null;
            /** @description The kinds that are run */
            event_kinds: ("click" | "impression" | "conversion")[];
            lag?: {
                [key: string]: {
                    [key: string]: number;
                };
            } | null;
            last_run?: components["schemas"]["Run"] | null;
        };
        Health: {
            /** @enum {string} */
            status: "ok" | "ready";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    popularAds: {
        parameters: {
            query?: {
                /** @description How many ads: a whole number from 1 to 1000; 100 if it is left out */
                count?: number;
                /** @description Minutes: a whole number from 1 to 43200; 1 if it is left out */
                window?: number;
                /** @description The end of the window, rounded down to its minute; now if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                at?: string;
                /** @description The metric of which the greatest come first, with all counts of each ad; the count of "event" if it is left out: one of impressions, clicks, conversions, ctr, cvr */
                order?: "impressions" | "clicks" | "conversions" | "ctr" | "cvr";
                /** @description With "order": only ads with as many: a whole number from 0 to 999999999 */
                min_impressions?: number;
                /** @description With "order": only ads with as many: a whole number from 0 to 999999999 */
                min_clicks?: number;
                /** @description The events that are counted; click if it is left out: a kind of event: click, impression, conversion */
                event?: "click" | "impression" | "conversion";
                /** @description Only clicks with one of these: a country of 2 or 3 letters, or up to 100 by comma */
                country?: string;
                /** @description Only clicks with one of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                ip?: string;
                /** @description Only clicks with one of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                user_id?: string;
                /** @description Only clicks with none of these: a country of 2 or 3 letters, or up to 100 by comma */
                not_country?: string;
                /** @description Only clicks with none of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                not_ip?: string;
                /** @description Only clicks with none of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                not_user_id?: string;
                /** @description Only clicks that are right by this registered filter; 0: all clicks: the id of a filter, a whole number from 0 to 2147483647 */
                filter?: number;
                /** @description The revision of the registered filter that is meant, also if it has been changed or deleted since; the latest one if it is left out: a revision of a filter, a whole number from 1 to 2147483647 */
                filter_revision?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The most clicked ads of the last minutes, exact */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PopularAds"];
                    "text/csv": string;
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    report: {
        parameters: {
            query?: {
                /** @description What there is a row for; only the total if it is left out: none or up to 2 of ad, campaign, advertiser, country, minute, hour, day, week, month, by comma */
                by?: string;
                /** @description What rows have; all of the kinds that are run if it is left out: some of impressions, clicks, conversions, ctr, cvr, by comma */
                metrics?: string;
                /** @description The beginning, which is in the range; 60 s before "to" if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                from?: string;
                /** @description The end, which is not in the range; now if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                to?: string;
                /** @description Only these ads; a comma of an id is written with a backslash before it: an ad id of 1 to 127 bytes, or up to 100 by comma */
                ad?: string;
                /** @description Only clicks with one of these: a country of 2 or 3 letters, or up to 100 by comma */
                country?: string;
                /** @description Only clicks with one of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                ip?: string;
                /** @description Only clicks with one of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                user_id?: string;
                /** @description Only clicks with none of these: a country of 2 or 3 letters, or up to 100 by comma */
                not_country?: string;
                /** @description Only clicks with none of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                not_ip?: string;
                /** @description Only clicks with none of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                not_user_id?: string;
                /** @description Only clicks that are right by this registered filter; 0: all clicks: the id of a filter, a whole number from 0 to 2147483647 */
                filter?: number;
                /** @description The revision of the registered filter that is meant, also if it has been changed or deleted since; the latest one if it is left out: a revision of a filter, a whole number from 1 to 2147483647 */
                filter_revision?: number;
                /** @description The order of rows; minus the first metric if it is left out: one of impressions, clicks, conversions, ctr, cvr or key; with a minus in front the greatest first */
                order?: string;
                /** @description Rows of the page: a whole number from 1 to 10000; 100 if it is left out */
                limit?: number;
                /** @description Rows before the page: a whole number from 0 to 100000000; 0 if it is left out */
                offset?: number;
                /** @description The time zone whose hours, days, weeks and months are meant; UTC if it is left out: a time zone of the IANA database, such as Europe/Berlin, America/New_York, Asia/Kolkata */
                tz?: string;
                /** @description Campaigns and advertisers as they were at the time of the event, or as they are now: then or now; then if it is left out */
                names?: "then" | "now";
                /** @description The answer as it would have been then: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                as_of?: string;
                /** @description Answer from the same state as this answer did: the snapshot of an answer */
                snapshot?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts and rates of all ads or of some, by up to two of ad, campaign, advertiser, country and units of time */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                    "text/csv": string;
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    aggregatedCount: {
        parameters: {
            query?: {
                /** @description The beginning, which is in the range; 60 s before "to" if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                from?: string;
                /** @description The end, which is not in the range; now if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                to?: string;
                /** @description Only clicks with one of these: a country of 2 or 3 letters, or up to 100 by comma */
                country?: string;
                /** @description Only clicks with one of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                ip?: string;
                /** @description Only clicks with one of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                user_id?: string;
                /** @description Only clicks with none of these: a country of 2 or 3 letters, or up to 100 by comma */
                not_country?: string;
                /** @description Only clicks with none of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                not_ip?: string;
                /** @description Only clicks with none of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                not_user_id?: string;
                /** @description Only clicks that are right by this registered filter; 0: all clicks: the id of a filter, a whole number from 0 to 2147483647 */
                filter?: number;
                /** @description The revision of the registered filter that is meant, also if it has been changed or deleted since; the latest one if it is left out: a revision of a filter, a whole number from 1 to 2147483647 */
                filter_revision?: number;
                /** @description The answer as it would have been then: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                as_of?: string;
                /** @description The events that are counted; click if it is left out: a kind of event: click, impression, conversion */
                event?: "click" | "impression" | "conversion";
            };
            header?: never;
            path: {
                /** @description an ad id of 1 to 127 bytes */
                ad_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The clicks of an ad in a range of time */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AggregatedCount"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    adPerformance: {
        parameters: {
            query?: {
                /** @description The beginning, which is in the range; 60 s before "to" if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                from?: string;
                /** @description The end, which is not in the range; now if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                to?: string;
                /** @description Only clicks with one of these: a country of 2 or 3 letters, or up to 100 by comma */
                country?: string;
                /** @description Only clicks with one of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                ip?: string;
                /** @description Only clicks with one of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                user_id?: string;
                /** @description Only clicks with none of these: a country of 2 or 3 letters, or up to 100 by comma */
                not_country?: string;
                /** @description Only clicks with none of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                not_ip?: string;
                /** @description Only clicks with none of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                not_user_id?: string;
                /** @description Only clicks that are right by this registered filter; 0: all clicks: the id of a filter, a whole number from 0 to 2147483647 */
                filter?: number;
                /** @description The revision of the registered filter that is meant, also if it has been changed or deleted since; the latest one if it is left out: a revision of a filter, a whole number from 1 to 2147483647 */
                filter_revision?: number;
                /** @description The answer as it would have been then: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description an ad id of 1 to 127 bytes */
                ad_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Impressions, clicks and conversions of an ad in a range of time, and their rates */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Performance"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    adSeries: {
        parameters: {
            query?: {
                /** @description The beginning, which is in the range; 60 s before "to" if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                from?: string;
                /** @description The end, which is not in the range; now if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                to?: string;
                /** @description How long a window is: a whole number of seconds from 1 to 31622400, or one of 1h, 1d, 1w, 1mo; 60 if it is left out */
                size?: number | string;
                /** @description Seconds from the beginning of a window to that of the next; "size" if it is left out: a whole number from 1 to 31622400 */
                hop?: number;
                /** @description The time zone whose hours, days, weeks and months are meant; UTC if it is left out: a time zone of the IANA database, such as Europe/Berlin, America/New_York, Asia/Kolkata */
                tz?: string;
                /** @description The events that are counted; click if it is left out: a kind of event: click, impression, conversion; or performance: all of them, and their rates */
                event?: "click" | "impression" | "conversion" | "performance";
                /** @description Only clicks with one of these: a country of 2 or 3 letters, or up to 100 by comma */
                country?: string;
                /** @description Only clicks with one of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                ip?: string;
                /** @description Only clicks with one of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                user_id?: string;
                /** @description Only clicks with none of these: a country of 2 or 3 letters, or up to 100 by comma */
                not_country?: string;
                /** @description Only clicks with none of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                not_ip?: string;
                /** @description Only clicks with none of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                not_user_id?: string;
                /** @description Only clicks that are right by this registered filter; 0: all clicks: the id of a filter, a whole number from 0 to 2147483647 */
                filter?: number;
                /** @description The revision of the registered filter that is meant, also if it has been changed or deleted since; the latest one if it is left out: a revision of a filter, a whole number from 1 to 2147483647 */
                filter_revision?: number;
            };
            header?: never;
            path: {
                /** @description an ad id of 1 to 127 bytes */
                ad_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The clicks of an ad in tumbling, hopping or sliding windows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Series"];
                    "text/csv": string;
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    adSessions: {
        parameters: {
            query?: {
                /** @description The beginning, which is in the range; 60 s before "to" if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                from?: string;
                /** @description The end, which is not in the range; now if it is left out: epoch milliseconds or ISO 8601 with a zone, such as 1609459200000, 2021-01-01, 2021-01-01T00:00:30Z or 2021-01-01T01:00:00.5%2B01:00 */
                to?: string;
                /** @description Seconds without a click of the user after which a session has ended: a whole number from 1 to 86400; 1800 if it is left out */
                gap?: number;
                /** @description Sessions of the page: a whole number from 1 to 1000; 100 if it is left out */
                limit?: number;
                /** @description Sessions before the page: a whole number from 0 to 100000; 0 if it is left out */
                offset?: number;
                /** @description The events that are counted; click if it is left out: a kind of event: click, impression, conversion */
                event?: "click" | "impression" | "conversion";
                /** @description Only clicks with one of these: a country of 2 or 3 letters, or up to 100 by comma */
                country?: string;
                /** @description Only clicks with one of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                ip?: string;
                /** @description Only clicks with one of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                user_id?: string;
                /** @description Only clicks with none of these: a country of 2 or 3 letters, or up to 100 by comma */
                not_country?: string;
                /** @description Only clicks with none of these: an IP address or a network such as 10.0.0.0/8, or up to 100 by comma */
                not_ip?: string;
                /** @description Only clicks with none of these: a user id of 1 to 127 bytes, or up to 100 by comma */
                not_user_id?: string;
                /** @description Only clicks that are right by this registered filter; 0: all clicks: the id of a filter, a whole number from 0 to 2147483647 */
                filter?: number;
                /** @description The revision of the registered filter that is meant, also if it has been changed or deleted since; the latest one if it is left out: a revision of a filter, a whole number from 1 to 2147483647 */
                filter_revision?: number;
            };
            header?: never;
            path: {
                /** @description an ad id of 1 to 127 bytes */
                ad_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sessions of users on an ad: clicks of a user that are at most a gap apart */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAds: {
        parameters: {
            query?: {
                /** @description What the ids of the ads begin with; all if it is left out: text of up to 127 bytes, without control characters */
                prefix?: string;
                /** @description How many ads: a whole number from 1 to 1000; 100 if it is left out */
                limit?: number;
                /** @description The id behind which the page begins: the last one of the page before: text of up to 127 bytes, without control characters */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ads with events or names, by id: what they are called now, and the minutes of their first and last events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ads"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putAds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description an ad id of 1 to 127 bytes */
                    ad_id: string;
                    name?: string | null;
                    campaign?: string | null;
                    advertiser?: string | null;
                    valid_from?: string | null;
                }[];
                "text/csv": string;
            };
        };
        responses: {
            /** @description Names of ads, their campaigns and advertisers, from a time on: all of the rows or none */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdNames"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trace: {
        parameters: {
            query?: {
                /** @description Only events of this kind; of all that are run if it is left out: a kind of event: click, impression, conversion */
                event?: "click" | "impression" | "conversion";
                /** @description Only events of this day, which is found sooner: a UTC day such as 2021-01-01 */
                date?: string;
            };
            header?: never;
            path: {
                /** @description an event id of 1 to 127 bytes */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where each copy of an event id is stored, and whether and by which runs it was counted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trace"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFilters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The registered filters, and 0: all clicks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Filters"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tryFilter: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    where: {
                        country?: string[];
                        ip?: string[];
                        user_id?: string[];
                        not?: {
                            country?: string[];
                            ip?: string[];
                            user_id?: string[];
                        };
                    };
                    /** @default 5 */
                    minutes?: number;
                };
            };
        };
        responses: {
            /** @description What a filter that is not registered would have matched of the last minutes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriedFilter"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    filter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a filter, a whole number from 0 to 2147483647 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A registered filter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Filter"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putFilter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a filter, a whole number from 1 to 2147483647 */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description a name of 1 to 100 characters */
                    name: string;
                    where: {
                        country?: string[];
                        ip?: string[];
                        user_id?: string[];
                        not?: {
                            country?: string[];
                            ip?: string[];
                            user_id?: string[];
                        };
                    };
                };
            };
        };
        responses: {
            /** @description Registers a filter, or changes it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Filter"];
                };
            };
            /** @description Registers a filter, or changes it */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Filter"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteFilter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a filter, a whole number from 1 to 2147483647 */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRuns: {
        parameters: {
            query?: {
                /** @description The events that are counted; click if it is left out: a kind of event: click, impression, conversion */
                event?: "click" | "impression" | "conversion";
                /** @description Runs of this day only: a UTC day such as 2021-01-01 */
                date?: string;
                /** @description Runs of this request only, as POST /v1/runs has named it: the id of a request */
                request?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Runs, the newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runs"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    requestRuns: {
        parameters: {
            query?: never;
            header?: {
                /** @description Sent again with the same one, a request is made once and answered alike: 1 to 200 visible ASCII characters */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    event?: "click" | "impression" | "conversion";
                    from: string;
                    to: string;
                    preview?: boolean;
                    accept?: boolean;
                    reason: string;
                    /** @description who asks, in 1 to 100 characters; the name of the token stands beside it */
                    who?: string;
                };
            };
        };
        responses: {
            /** @description Recounts ended days; or previews what a recount would change, or accepts blocked ones */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunRequest"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    requestRollback: {
        parameters: {
            query?: never;
            header?: {
                /** @description Sent again with the same one, a request is made once and answered alike: 1 to 200 visible ASCII characters */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    event?: "click" | "impression" | "conversion";
                    date: string;
                    run: number;
                    reason: string;
                    /** @description who asks, in 1 to 100 characters; the name of the token stands beside it */
                    who?: string;
                };
            };
        };
        responses: {
            /** @description Takes a day's current run back, or returns to the older one that is named */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunRequest"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the id of a request */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far a request is, and what came of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestProgress"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reconciliation: {
        parameters: {
            query?: {
                /** @description The events that are counted; click if it is left out: a kind of event: click, impression, conversion */
                event?: "click" | "impression" | "conversion";
            };
            header?: never;
            path: {
                /** @description a UTC day such as 2021-01-01 */
                date: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report by which a day's newest run was let through or blocked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rejected: {
        parameters: {
            query?: {
                /** @description Only what was rejected for it: one of not_utf8, nul_byte, line_too_long, not_a_click, unknown_event, bad_json, duplicate_field, unknown_field, bad_field_count, bad_ad_id, bad_time, time_before_2000, time_in_future, bad_user_id, bad_ip, bad_country, bad_event_id, bad_message, wrong_event */
                reason?: "not_utf8" | "nul_byte" | "line_too_long" | "not_a_click" | "unknown_event" | "bad_json" | "duplicate_field" | "unknown_field" | "bad_field_count" | "bad_ad_id" | "bad_time" | "time_before_2000" | "time_in_future" | "bad_user_id" | "bad_ip" | "bad_country" | "bad_event_id" | "bad_message" | "wrong_event";
                /** @description The latest, whole: a whole number from 1 to 1000; 20 if it is left out */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was rejected, counted by reason, and the latest of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rejected"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redrive: {
        parameters: {
            query?: never;
            header?: {
                /** @description Sent again with the same one, a request is made once and answered alike: 1 to 200 visible ASCII characters */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    rejected_for?: "not_utf8" | "nul_byte" | "line_too_long" | "not_a_click" | "unknown_event" | "bad_json" | "duplicate_field" | "unknown_field" | "bad_field_count" | "bad_ad_id" | "bad_time" | "time_before_2000" | "time_in_future" | "bad_user_id" | "bad_ip" | "bad_country" | "bad_event_id" | "bad_message" | "wrong_event";
                    reason: string;
                    /** @description who asks, in 1 to 100 characters; the name of the token stands beside it */
                    who?: string;
                };
            };
        };
        responses: {
            /** @description Sends rejected lines again that are events by the rules of now */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunRequest"];
                };
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How fresh the counts are */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the process answers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it can answer questions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description As it was when the ETag in If-None-Match was sent */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
