-- The taxi database and its two raw tables, partitioned by month.
create database if not exists nyctaxidb;

create external table if not exists nyctaxidb.trip (
    medallion string,
    hack_license string,
    vendor_id string,
    rate_code string,
    store_and_fwd_flag string,
    pickup_datetime string,
    dropoff_datetime string,
    passenger_count int,
    trip_time_in_secs double,
    trip_distance double,
    pickup_longitude double,
    pickup_latitude double,
    dropoff_longitude double,
    dropoff_latitude double)
partitioned by (month int)
row format delimited fields terminated by ',' lines terminated by '\n'
stored as textfile
tblproperties ('skip.header.line.count'='1');

create external table if not exists nyctaxidb.fare (
    medallion string,
    hack_license string,
    vendor_id string,
    pickup_datetime string,
    payment_type string,
    fare_amount double,
    surcharge double,
    mta_tax double,
    tip_amount double,
    tolls_amount double,
    total_amount double)
partitioned by (month int)
row format delimited fields terminated by ',' lines terminated by '\n'
stored as textfile
tblproperties ('skip.header.line.count'='1');
