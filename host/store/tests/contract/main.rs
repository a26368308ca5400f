//! What every store must do, as cases over `dyn Store`, and the SQLite store held to it.
//!
//! A case takes a [`Place`], where a store can be opened again and again as another process
//! would, and knows nothing of the database behind it. Another database is another `Place` and
//! one more `contract!` line.

mod alerts;
mod audit;
mod coverage;
mod deletion;
mod entries;
mod erasing;
mod locks;
mod model;
mod pages;
mod people;
mod pulls;
mod reading;
mod rejections;
mod retention;
mod sheets;
mod sqlite;
mod sqlite_audit;
mod sqlite_erasing;
mod support;
mod unlisted;
mod usage;
mod values;

/// Every case, as a test of one kind of place.
macro_rules! contract {
    ($place:ty) => {
        crate::contract! { $place;
            locks: locked_provider_names_its_holder, renewed_lock_holds_longer, lock_taken_again_keeps_its_start,
                expired_lock_allows_writes_until_taken_over, writes_without_the_lock_are_refused,
                pull_of_another_provider_is_refused, unlock_by_another_instance_does_nothing,
                clock_that_went_back_keeps_a_lock, user_changes_are_not_blocked;
            coverage: kinds_are_covered_separately, open_pull_lists_its_kinds_in_order,
                pull_of_some_kinds_leaves_the_others, record_that_changes_its_kind_is_kept,
                rejected_records_alone_are_deleted, short_pull_deletes_and_covers_nothing,
                pull_that_reaches_the_smallest_total_covers;
            unlisted: clients_are_derived_from_records, id_and_name_are_one_series_with_the_id,
                name_that_is_no_id_gets_a_digest, listed_clients_replace_derived_ones,
                renamed_client_gets_its_new_name, last_name_of_a_page_counts, client_without_records_is_left_out,
                erased_client_is_skipped_by_id_or_name;
            alerts: open_alert_is_not_fired_again, failed_step_stores_nothing, resolution_goes_where_the_alert_went,
                attempt_is_counted_before_it_is_made, sent_delivery_is_never_due_again, one_of_two_stores_begins_an_attempt, acknowledgement_keeps_the_alert_open,
                erasure_deletes_alerts_of_the_client, each_event_has_its_own_notice_id;
            audit: changes_are_recorded_with_their_actor, unchanged_store_has_no_entries, deletions_and_abandoned_pulls_are_recorded,
                newest_entries_are_listed_and_verified, pruning_removes_the_oldest_entries, refused_change_has_no_entry;
            usage: requests_are_listed_newest_first, requests_are_summed_up, unused_connection_has_no_figures,
                changed_credential_is_recorded,
                changed_component_and_settings_are_recorded, use_of_limits_is_replaced, salt_never_changes,
                old_and_surplus_requests_are_pruned;
            retention: old_records_are_pruned, records_that_reach_the_kept_time_stay,
                pruned_time_is_neither_covered_nor_stored_again, pull_that_reaches_back_is_deleted,
                every_scope_is_pruned;
            erasing: erasure_removes_everything_that_names_a_client, records_of_an_erased_client_are_skipped,
                restored_client_is_stored_again,
                another_client_of_the_same_name_is_kept, audit_log_verifies_after_an_erasure;
            entries: entries_are_stored_as_given, cleared_entries_are_listed_on_request, entries_are_recorded_in_the_audit_log,
                only_an_erasure_removes_entries, erasure_removes_entries_and_blanks_reasons,
                random_changes_match_a_list;
            sheets: sheets_are_saved_with_inputs_and_components, saved_sheet_is_not_replaced, sheets_are_found_by_prefix,
                sheets_are_listed_newest_first, pruning_observations_removes_inputs, pruning_old_sheets_removes_inputs,
                erasure_removes_all_inputs;
            people: roster_is_replaced, decisions_are_ordered_and_replaced,
                decisions_are_cleared_by_client, former_mappings_are_replaced, listed_clients_are_replaced, last_sync_is_recorded;
            pulls: open_pulls_are_listed, pull_resumes_from_its_committed_pages, page_is_committed_once,
                pull_with_pending_pages_does_not_finish, finished_pull_covers_its_window, abandoned_pull_keeps_its_pages;
            pages: later_position_wins, refused_page_stores_nothing, pages_together_equal_pages_one_by_one,
                pages_together_are_stored_or_refused, page_may_exceed_a_statement,
                unusual_texts_and_values_are_unchanged, kinds_and_reasons_are_stored_by_name,
                scopes_are_independent;
            deletion: unseen_records_are_deleted, records_outside_the_window_are_kept,
                half_of_the_window_may_be_deleted, more_than_half_is_suspicious, deciding_pull_deletes_everything_unseen,
                record_seen_as_rejected_is_not_deleted, resumed_pull_counts_earlier_records, records_seen_by_another_pull_are_kept,
                unseen_rejected_records_are_deleted;
            rejections: rejected_records_count_in_their_window, record_without_time_counts_in_its_pull,
                records_without_id_add_up_until_the_next_pull, records_without_id_survive_a_suspicious_pull;
            reading: samples_touch_the_window, only_requested_clients_are_returned, new_scope_is_empty,
                clients_without_samples_are_left_out, any_number_of_rows_is_returned, only_requested_kinds_are_returned;
            values: values_are_stored_bit_for_bit;
            model: random_pulls_match_a_model;
        }
    };
    ($place:ty; $($module:ident: $($case:ident),+;)+) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $case() {
                crate::$module::$case(&<$place>::new()).await;
            })+
        })+
    };
}
pub(crate) use contract;
