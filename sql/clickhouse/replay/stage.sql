-- Copies of the real-time tables' structure, in this replay's own database.
CREATE DATABASE {staging};
CREATE TABLE {staging}.clicks AS clicks;
CREATE TABLE {staging}.copies_dropped AS copies_dropped;
CREATE TABLE {staging}.clicks_from_future AS clicks_from_future;
CREATE TABLE {staging}.minutes_by_ad AS minutes_by_ad;
CREATE TABLE {staging}.minutes_by_minute AS minutes_by_minute;
