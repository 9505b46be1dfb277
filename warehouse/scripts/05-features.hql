-- The modelling table: trips joined with fares, time and distance features, the two labels, down-sampled.
--   hiveql -hiveconf SAMPLE=0.1 -f 05-features.hql
set R=3959;
set pi=radians(180);

create table if not exists nyctaxidb.nyctaxi_downsampled_dataset (
    medallion string,
    hack_license string,
    vendor_id string,
    rate_code string,
    store_and_fwd_flag string,
    pickup_datetime string,
    dropoff_datetime string,
    pickup_hour int,
    pickup_week int,
    weekday int,
    passenger_count int,
    trip_time_in_secs double,
    trip_distance double,
    direct_distance double,
    payment_type string,
    fare_amount double,
    surcharge double,
    mta_tax double,
    tip_amount double,
    tolls_amount double,
    total_amount double,
    tipped int,
    tip_class int)
row format delimited fields terminated by ','
lines terminated by '\n'
stored as textfile;

insert overwrite table nyctaxidb.nyctaxi_downsampled_dataset
select
    t.medallion, t.hack_license, t.vendor_id, t.rate_code, t.store_and_fwd_flag,
    t.pickup_datetime, t.dropoff_datetime,
    hour(t.pickup_datetime) as pickup_hour,
    weekofyear(t.pickup_datetime) as pickup_week,
    from_unixtime(unix_timestamp(t.pickup_datetime, 'yyyy-MM-dd HH:mm:ss'), 'u') as weekday,
    t.passenger_count, t.trip_time_in_secs, t.trip_distance,
    t.direct_distance,
    f.payment_type, f.fare_amount, f.surcharge, f.mta_tax, f.tip_amount, f.tolls_amount, f.total_amount,
    if(f.tip_amount > 0, 1, 0) as tipped,
    case when f.tip_amount = 0 then 0
         when f.tip_amount <= 5 then 1
         when f.tip_amount <= 10 then 2
         when f.tip_amount <= 20 then 3
         else 4 end as tip_class
from (
    select
        medallion, hack_license, vendor_id, rate_code, store_and_fwd_flag, pickup_datetime, dropoff_datetime,
        passenger_count, trip_time_in_secs, trip_distance,
        ${hiveconf:R}*2*2*atan((1-sqrt(1-pow(sin((dropoff_latitude-pickup_latitude)
            *${hiveconf:pi}/180/2),2)-cos(pickup_latitude*${hiveconf:pi}/180)
            *cos(dropoff_latitude*${hiveconf:pi}/180)
            *pow(sin((dropoff_longitude-pickup_longitude)*${hiveconf:pi}/180/2),2)))
            /sqrt(pow(sin((dropoff_latitude-pickup_latitude)*${hiveconf:pi}/180/2),2)
            +cos(pickup_latitude*${hiveconf:pi}/180)*cos(dropoff_latitude*${hiveconf:pi}/180)
            *pow(sin((dropoff_longitude-pickup_longitude)*${hiveconf:pi}/180/2),2))) as direct_distance,
        rand(7) as sample_key
    from nyctaxidb.trip
    where pickup_longitude between -90 and -30
      and pickup_latitude between 30 and 90
      and dropoff_longitude between -90 and -30
      and dropoff_latitude between 30 and 90
      and (pickup_latitude <> dropoff_latitude or pickup_longitude <> dropoff_longitude)) t
join nyctaxidb.fare f
    on t.medallion = f.medallion
   and t.hack_license = f.hack_license
   and t.pickup_datetime = f.pickup_datetime
where t.sample_key <= ${hiveconf:SAMPLE};

select count(*) as rows_to_learn_from, sum(tipped) as tipped, round(avg(tip_amount), 3) as mean_tip
from nyctaxidb.nyctaxi_downsampled_dataset;
