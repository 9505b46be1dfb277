-- Inspections of kitchens: does one fail, by the words of what was found? Quoted CSV with commas, quotes and line ends inside; a
-- model of one file judged on another, and the answers counted in SQL. The rows are made here.
--   hiveql -hiveconf ROWS=20000 -f inspections.hql
create database if not exists inspections;
use inspections;

drop table if exists findings;
create table findings (id int, name string, results string, violations string)
partitioned by (file int)
row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde' stored as textfile;

drop table if exists phrases;
create table phrases (number int, weight double, words string);
insert overwrite table phrases values
    (0, 3.0, 'LIVE ROACHES observed along the wall base, "too many to count"'), (1, 2.5, 'food held at 60F, cold holding not maintained'),
    (2, 2.8, 'no hot water at the hand sink'), (3, 2.2, 'evidence of mice droppings in the dry storage'),
    (4, 1.6, 'toxic items stored above food'), (5, 1.2, 'no certified manager on site'),
    (6, 0.4, 'wiping cloths not kept in solution'), (7, 0.3, 'floor tiles cracked, instructed to repair'),
    (8, 0.1, 'light shield missing'), (9, -0.2, 'ceiling tile stained'), (10, -0.3, 'walls need cleaning, minor'),
    (11, -0.4, 'labels missing on bulk bins'), (12, -0.8, 'corrected on site'), (13, -0.6, 'hair restraints, discussed with staff'),
    (14, -0.5, 'no thermometer in a working cooler'), (15, 0.0, 'equipment, non-food contact surfaces, greasy');

insert overwrite table findings partition (file)
select id, concat('KITCHEN "', id % 977, '", INC'),
    if(id % 41 = 0, 'Out of Business', if(chance < 1 / (1 + exp(-3 * (weight - 1.5))), 'Fail', if(id % 3 = 0, 'Pass w/ Conditions', 'Pass'))),
    violations, id % 2 + 1
from (
    select id, ml.hash_bucketize(concat('chance ', id), 1000000) / 1e6 as chance, sum(weight) as weight,
        concat_ws(' | ', collect_list(concat(number + 1, '. ', upper(words)))) as violations
    from (
        select id, number, p.weight, p.words
        from (
            select pos as id, ml.hash_bucketize(concat('phrase ', pos, ' ', i), 16) as phrase
            from (select posexplode(split(space(${hiveconf:ROWS} - 1), ' ')) as (pos, word)) numbers
            lateral view explode(array(1, 2, 3, 4)) draws as i
            where i <= 1 + pos % 4) drawn
        join phrases p on drawn.phrase = p.number) said
    group by id) inspected;

select file, results, count(*) as n from findings group by file, results order by file, results;
select violations from findings where id = 8;

create or replace view judged as
select cast(id as int) as id, name, violations, file, if(results = 'Fail', 0, 1) as label
from findings where results in ('Fail', 'Pass', 'Pass w/ Conditions');

create or replace model passes
transform (ml.feature_hasher(text_analyze(violations), 262144) as words, label)
options (model_type = 'logistic_reg', input_label_cols = 'label', data_split_method = 'no_split', l2_reg = 0.01)
as select violations, label from judged where file = 1;

create or replace view predicted as
select id, label, predicted_label as prediction from ml.predict(model passes, (select * from judged where file = 2)) p;
select count(*) as inspections, round(100 * avg(if(label = prediction, 1, 0)), 2) as percent_right from predicted;
select if(label = 1, 'passed', 'failed') as it, if(prediction = 1, 'said to pass', 'said to fail') as was, count(*) as n
from predicted group by label, prediction order by it, was;
select processed_input, round(weight, 3) as weight from ml.weights(model passes) w
where processed_input <> '__INTERCEPT__' order by weight limit 3;
