-- Trips and fares as `hiveql generate` writes them, in ${hivevar:data}.
create database if not exists taxi;
create external table if not exists taxi.trip (
  medallion string, hack_license string, vendor_id string, rate_code string, store_and_fwd_flag string, pickup_datetime string,
  dropoff_datetime string, passenger_count int, trip_time_in_secs double, trip_distance double, pickup_longitude double,
  pickup_latitude double, dropoff_longitude double, dropoff_latitude double)
row format delimited fields terminated by ',' stored as textfile location '${hivevar:data}/trip' tblproperties ('skip.header.line.count' = '1');
create external table if not exists taxi.fare (
  medallion string, hack_license string, vendor_id string, pickup_datetime string, payment_type string, fare_amount double,
  surcharge double, mta_tax double, tip_amount double, tolls_amount double, total_amount double)
row format delimited fields terminated by ',' stored as textfile location '${hivevar:data}/fare' tblproperties ('skip.header.line.count' = '1');
