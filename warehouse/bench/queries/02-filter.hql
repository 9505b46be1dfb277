select count(*), avg(trip_distance) from taxi.trip where passenger_count between 2 and 4 and trip_time_in_secs > 600 and vendor_id = 'CMT'
