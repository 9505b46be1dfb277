select vendor_id, percentile_approx(trip_distance, array(0.1, 0.5, 0.9)), stddev(trip_time_in_secs) from taxi.trip group by vendor_id
